// All projects of the differential test.

import type { Case } from "../case.ts";
import { basics } from "./basics.ts";
import { language } from "./language.ts";
import { values } from "./values.ts";

export const cases: readonly Case[] = [...basics, ...language, ...values];
