// `mkosi shell`, see container.ts.

import { containerVerb } from "./container.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = containerVerb("shell");
