// Sections of conditions that can never hold, since they ask for two things at once.

import type { Diagnostic } from "./diagnostics.ts";
import type { IniSection } from "./ini.ts";
import { keyByName } from "./session.ts";
import { type ConfigFile, readConfigFile } from "./source.ts";
import { rowOf } from "./values.ts";

const SECTIONS: ReadonlySet<string> = new Set(["Match", "TriggerMatch", "Assert", "TriggerAssert"]);

/** What is impossible in a file. */
export function impossibleSections(path: string): Diagnostic[] {
  const file = readConfigFile(path);
  if (file === undefined || "problem" in file) return [];
  return file.sections
    .filter((section) => SECTIONS.has(section.name))
    .flatMap((section) => contradictions(file, section));
}

function contradictions(file: ConfigFile, section: IniSection): Diagnostic[] {
  const wanted = new Map<string, string>();
  return section.items.flatMap((item) => {
    const text = item.kind === "entry" ? item.lines.map((line) => line.text).join("\n") : "";
    // triggers are alternatives, and what is excluded may be excluded more than once
    if (item.kind !== "entry" || /^[|!]/.test(text) || text.includes("%") || !hasOneValue(item.key)) return [];
    const before = wanted.get(item.key);
    wanted.set(item.key, text);
    if (before === undefined || before === text) return [];
    return [
      {
        level: "warning" as const,
        message: `[${section.name}] can never hold: ${item.key}= cannot be ${before} and ${text}`,
        origin: file.origin(item),
        excerpt: file.excerpt(item),
        remedy: `For alternatives write ${item.key}=|${before} and ${item.key}=|${text}.`,
      },
    ];
  });
}

/** Whether a setting is compared as a whole with what is asked for. `uefi` stands for several architectures. */
function hasOneValue(name: string): boolean {
  const key = keyByName.get(name);
  const matcher = key === undefined ? undefined : rowOf(key).match;
  return (
    matcher === "equal" ||
    matcher === "word" ||
    matcher === "feature" ||
    name === "Image" ||
    name === "HostArchitecture"
  );
}
