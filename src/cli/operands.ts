// What may follow a verb, where that is a word out of a known set, for completion.

import { CHAPTERS } from "../facts/manual.ts";
import { rows } from "../settings/index.ts";
import { VERBS } from "./verbs.ts";

export const SHELLS = ["bash", "fish", "zsh"] as const;

const SETTINGS = rows.map(([, row]) => row.name);

/** By the verb's name. */
export const OPERANDS: Readonly<Record<string, readonly string[]>> = {
  cache: ["prune"],
  completion: SHELLS,
  documentation: [
    "mkosi",
    "settings",
    "news",
    ...CHAPTERS.map(({ name }) => name),
    ...VERBS.map(({ name }) => name),
    ...SETTINGS,
  ],
  explain: SETTINGS,
};
