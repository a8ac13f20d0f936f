// `%d` and its kin: the values of settings, and the places of the configuration, inside of values.

import { GONE_SPECIFIERS } from "../facts/gone.ts";

export interface SpecifierLookup {
  /** The text for a letter; null when it is known but has no value yet; undefined when it is not known. */
  value(letter: string): string | null | undefined;
  warn(message: string, remedy?: string): void;
}

/** Replaces specifiers in a text; `%%` is a percent sign, one at the end stays, one before a line end swallows that. */
export function expandSpecifiers(text: string, lookup: SpecifierLookup): string {
  if (!text.includes("%")) return text;
  return text.replace(/%([^])/gu, (_all, letter: string) => {
    if (letter === "%") return "%";
    if (letter === "\n") {
      lookup.warn("“%” at the end of the line joins it with the next", "Write %% for a percent sign.");
      return "";
    }
    const value = lookup.value(letter);
    if (value === undefined) {
      const successor = Object.hasOwn(GONE_SPECIFIERS, letter) ? GONE_SPECIFIERS[letter] : undefined;
      const what = successor === undefined ? "is not a specifier" : "does not exist any more";
      lookup.warn(`“%${letter}” ${what}; it is left out`, successor ?? "Write %% for a percent sign.");
      return "";
    }
    if (value === null) {
      lookup.warn(`“%${letter}” stands for a setting that has no value yet; it is left out`);
      return "";
    }
    return value;
  });
}
