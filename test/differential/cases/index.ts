// All projects of the differential test: chosen ones, and random ones ($MKOSI_DIFFERENTIAL=COUNT or SEED:COUNT for more).

import { runs } from "../../support/runs.ts";
import type { Case } from "../case.ts";
import { generateCases } from "../generate.ts";
import { basics } from "./basics.ts";
import { conditions } from "./conditions.ts";
import { language } from "./language.ts";
import { peculiar } from "./peculiar.ts";
import { rules } from "./rules.ts";
import { table } from "./table.ts";
import { values } from "./values.ts";

const wanted = process.env["MKOSI_DIFFERENTIAL"] ?? `1:${runs(100)}`;
const [seed = "1", count = seed] = wanted.split(":");

/** Those that are not random. */
export const chosenCases: readonly Case[] = [
  ...basics,
  ...conditions,
  ...language,
  ...values,
  ...rules,
  ...peculiar,
  ...table,
];

export const cases: readonly Case[] = [
  ...chosenCases,
  ...generateCases(Number(count), wanted.includes(":") ? Number(seed) : 1),
];
