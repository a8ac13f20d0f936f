// Files of a kind that has a single section, such as profiles of the unified kernel image.

import { suggest } from "../report/suggest.ts";
import type { FilePlace, FileSection } from "../settings/types/value.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Position } from "./ini.ts";
import { type ConfigFile, placeText } from "./source.ts";

/** The assignments of the section; what else stands in the file and what is wrong with it is reported. */
export function readSectionOf(
  diagnostics: Diagnostic[],
  file: ConfigFile,
  name: string,
  known: readonly string[],
): FileSection {
  const placeAt = (position: Position, strict = false): FilePlace => ({
    report(level, message, remedy) {
      const [origin, excerpt] = [file.origin(position), file.excerpt(position)];
      diagnostics.push({ level, message, remedy, origin, excerpt, strict });
    },
  });
  const entries = file.sections(new Set([name])).flatMap((section) => {
    if (section.name !== name && section.name !== "") {
      const near = suggest(section.name, [name]);
      const remedy = near === undefined ? `This file has one section: [${name}].` : `Did you mean [${name}]?`;
      placeAt(section, true).report("warning", `[${section.name}] is not a section and is ignored`, remedy);
      return [];
    }
    return section.items.flatMap((item) => {
      if (item.kind === "problem") {
        const remedy = section.name === "" ? `Put [${name}] above it.` : item.remedy;
        placeAt(item).report("error", item.message, remedy);
        return [];
      }
      if (!known.includes(item.key)) {
        const message = `${item.key} is not a setting of [${name}]`;
        placeAt(item, true).report("warning", message, `Known are ${known.join(", ")}.`);
        return [];
      }
      const place = placeAt(item.lines[0] ?? item);
      return [{ key: item.key, value: placeText(item, (text) => text).text, place }];
    });
  });
  const own = file.sections(new Set([name])).find((section) => section.name === name);
  return { entries, place: placeAt(own ?? { line: 1, column: 1 }) };
}
