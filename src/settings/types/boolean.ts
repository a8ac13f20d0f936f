// Yes, no, and the features that may also be left to us.

import { scalar, ValueError, type ValueType } from "./value.ts";

const YES: ReadonlySet<string> = new Set(["1", "true", "yes", "y", "t", "on", "always"]);
const NO: ReadonlySet<string> = new Set(["0", "false", "no", "n", "f", "off", "never"]);

/** `true`, `false`, or undefined when the text is neither. */
export function tryBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (YES.has(word)) return true;
  return NO.has(word) ? false : undefined;
}

/** @throws {ValueError} when the text is no boolean */
export function parseBoolean(text: string): boolean {
  const value = tryBoolean(text);
  if (value === undefined) {
    throw new ValueError(`“${text}” is not a boolean`, { remedy: "Write yes or no." });
  }
  return value;
}

/** Yes or no; no unless set. */
export const boolean: ValueType<boolean, boolean> = scalar(
  {
    label: "a boolean",
    metavar: "BOOL",
    schema: { type: "boolean" },
    completion: { kind: "words", words: ["yes", "no"] },
    parse: parseBoolean,
    print: (value) => (value ? "yes" : "no"),
  },
  false,
);

export type Feature = "auto" | "enabled" | "disabled";

/** @throws {ValueError} when the text is neither a boolean nor `auto` */
export function parseFeature(text: string): Feature {
  if (text === "auto" || text === "enabled" || text === "disabled") return text;
  const value = tryBoolean(text);
  if (value === undefined) {
    throw new ValueError(`“${text}” is neither a boolean nor “auto”`, { remedy: "Write yes, no or auto." });
  }
  return value ? "enabled" : "disabled";
}

/** Yes, no or auto; auto unless set. */
export const feature: ValueType<Feature, Feature> = scalar<Feature, Feature>(
  {
    label: "a feature (yes, no or auto)",
    metavar: "FEATURE",
    schema: { enum: ["auto", "enabled", "disabled"] },
    completion: { kind: "words", words: ["yes", "no", "auto"] },
    parse: parseFeature,
    print: (value) => (value === "auto" ? "auto" : value === "enabled" ? "yes" : "no"),
  },
  "auto",
);
