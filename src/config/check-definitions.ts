// Partition definitions: what systemd-repart would pass over or refuse, told at its place before a build.

import { PARTITION_SETTINGS } from "../facts/partition-settings.ts";
import { suggest } from "../report/suggest.ts";
import { namesIn } from "../settings/types/files.ts";
import { ValueError } from "../settings/types/value.ts";
import type { Diagnostic } from "./diagnostics.ts";
import { excerptOf } from "./diagnostics.ts";
import type { Project } from "./project.ts";
import { readTextFile } from "./source.ts";

const SECTION = "Partition";

/** What is wrong in the definitions of a project's images. */
export function definitionProblems(project: Project): Diagnostic[] {
  const directories = new Set(project.images.flatMap(({ config }) => config.repartDirectories));
  return [...directories].flatMap((directory) =>
    confFilesIn(directory).flatMap((path) => {
      const text = readTextFile(path);
      return text === undefined ? [] : problemsOfDefinition(path, text);
    }),
  );
}

function confFilesIn(directory: string): string[] {
  try {
    return namesIn(directory)
      .filter((name) => name.endsWith(".conf"))
      .map((name) => `${directory}/${name}`);
  } catch (error) {
    // whoever builds tells of it
    if (error instanceof ValueError) return [];
    throw error;
  }
}

/** What is wrong in one definition. systemd only warns of what it does not know, and goes on without it. */
export function problemsOfDefinition(path: string, text: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  let section = "";
  let continued = false;
  text.split(/\r\n|[\n\r]/).forEach((line, index) => {
    const within = continued;
    const content = line.trim();
    if (within && /^[#;]/.test(content)) return;
    continued = /(?:^|[^\\])(?:\\\\)*\\$/.test(line);
    if (within || content === "" || /^[#;]/.test(content)) return;
    const column = line.indexOf(content) + 1;
    const report = (level: "error" | "warning", message: string, remedy: string | undefined, at = column): void => {
      const origin = { kind: "file", path, line: index + 1, column: at } as const;
      found.push({ level, message, remedy, origin, excerpt: excerptOf(line, at), strict: level === "warning" });
    };
    const header = /^\[(.*)\]$/.exec(content)?.[1];
    if (header !== undefined) {
      section = header;
      if (header !== SECTION && !header.startsWith("X-"))
        report(
          "warning",
          `[${header}] is not a section and is ignored`,
          meant(header, [SECTION]) ?? "This file has one section: [Partition].",
        );
      return;
    }
    const [, key, before = "", value = ""] = /^([^=]*?)(\s*=\s*)(.*)$/.exec(content) ?? [];
    if (key === undefined || key === "") report("error", `“${content}” is no assignment`, "Write Setting=value.");
    else if (section === "") report("error", `“${content}” stands before any section`, "Put [Partition] above it.");
    else if (section === SECTION) checkAssignment(key, value, column + key.length + before.length, report);
  });
  return found;
}

type Report = (level: "error" | "warning", message: string, remedy: string | undefined, at?: number) => void;

function checkAssignment(key: string, value: string, at: number, report: Report): void {
  if (key.startsWith("X-")) return;
  const known = Object.hasOwn(PARTITION_SETTINGS, key) ? PARTITION_SETTINGS[key] : undefined;
  if (known === undefined) {
    report(
      "warning",
      `${key}= is not a setting of [Partition] and is ignored`,
      meant(key, Object.keys(PARTITION_SETTINGS), "="),
    );
    return;
  }
  const { words, open } = known;
  if (words === undefined || value === "" || value.includes("%") || value.endsWith("\\")) return;
  if (words.includes(value) || (words.includes("yes") && /^(?:1|y|t|true|on|0|n|f|false|off)$/i.test(value))) return;
  if (open !== true) report("error", `${key}: “${value}” is not one of ${words.join(", ")}`, meant(value, words), at);
}

function meant(wrong: string, words: readonly string[], end = ""): string | undefined {
  const near = suggest(wrong, words);
  if (near === undefined) return undefined;
  return end === "="
    ? `Did you mean ${near}=?`
    : words[0] === SECTION
      ? `Did you mean [${near}]?`
      : `Did you mean “${near}”?`;
}
