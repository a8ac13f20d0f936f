// `mkosi journalctl`, see inspection.ts.

import { inspectionVerb } from "./inspection.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = inspectionVerb("journalctl");
