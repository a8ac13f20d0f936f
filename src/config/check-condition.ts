// Single conditions that hold for nothing there is: names of no image, profile or release, and versions that are none.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { DEBIAN_ARCHIVED, DEBIAN_RELEASES } from "../facts/debian.ts";
import { suggest } from "../report/suggest.ts";
import { isDirectory, namesIn } from "../settings/types/files.ts";
import { conditionSections, readCondition } from "./conditions.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Entry } from "./ini.ts";
import { isVersionCondition } from "./match.ts";
import type { Project } from "./project.ts";
import { readConfigFile } from "./source.ts";

/** What the names in conditions may be. */
export interface KnownNames {
  readonly images: ReadonlySet<string>;
  readonly profiles: ReadonlySet<string>;
}

/** @param files every file that was looked at, absolute */
export function knownNames(project: Project, files: Iterable<string>): KnownNames {
  const places = [project.directory, join(project.directory, "mkosi")];
  const images = places.flatMap((place) => [join(place, "mkosi.images"), join(place, "mkosi.presets")]);
  const directories = new Set(places);
  for (const file of files) {
    for (let place = dirname(file); place !== "/" && !directories.has(place); place = dirname(place))
      directories.add(place);
  }
  const built = project.tools === undefined ? project.images : [...project.images, project.tools];
  return {
    images: new Set(["main", "tools", "default-initrd", ...images.flatMap(configurationsIn)]),
    profiles: new Set([
      ...[...directories].flatMap((directory) => configurationsIn(join(directory, "mkosi.profiles"))),
      ...built.flatMap(({ config }) => config.profiles),
    ]),
  };
}

function configurationsIn(directory: string): string[] {
  return existsSync(directory) && isDirectory(directory)
    ? namesIn(directory).map((name) => name.replace(/\.conf$/, ""))
    : [];
}

/** The conditions of a file that hold for nothing there is. Those that are negated always hold, which does no harm. */
export function impossibleConditions(path: string, known: KnownNames): Diagnostic[] {
  const file = readConfigFile(path);
  if (file === undefined || "problem" in file) return [];
  return conditionSections(file).flatMap(({ items }) => {
    const entries = items.filter((item) => item.kind === "entry");
    return entries.flatMap((entry): Diagnostic[] => {
      const { negate, value } = readCondition(entry);
      const text = textOf(value);
      if (negate || text.includes("%")) return [];
      const problem = problemOf(entry.key, text, known, entries);
      if (problem === undefined) return [];
      const place = value.lines[0] ?? entry;
      const [origin, excerpt] = [file.origin(place), file.excerpt(place)];
      return [{ level: "warning", ...problem, origin, excerpt }];
    });
  });
}

interface Problem {
  readonly message: string;
  readonly remedy: string | undefined;
}

function problemOf(name: string, text: string, known: KnownNames, beside: readonly Entry[]): Problem | undefined {
  if (name === "Image" && !known.images.has(text))
    return {
      message: `this can never hold: there is no image “${text}”`,
      remedy: nearest(text, known.images, "Images"),
    };
  if ((name === "Profiles" || name === "Profile") && text !== "" && !known.profiles.has(text)) {
    const files = `neither mkosi.profiles/${text} nor mkosi.profiles/${text}.conf exists`;
    return { message: `there is no profile “${text}”: ${files}`, remedy: nearest(text, known.profiles, "Profiles") };
  }
  if (isVersionCondition(name)) return versionProblem(name, text);
  return name === "Release" ? releaseProblem(text, beside) : undefined;
}

function versionProblem(name: string, text: string): Problem | undefined {
  const [, operator = "", version = ""] = /^(==|!=|<=|>=|<|>|)([^]*)$/.exec(text) ?? [];
  const isOdd = operator === "" ? /^(?:=[<>].*)?$/.test(version) : /^[<>=!]|^$/.test(version);
  const isOther = name === "SystemdVersion" && !/^\d/.test(version.replace(/^=/, ""));
  if (!isOdd && !isOther) return undefined;
  const remedy =
    "Write a version like 257, with one of <, <=, >, >=, == and != before it where they are not to be equal.";
  return { message: `${name}: “${version}” is not a version`, remedy };
}

/** Releases may be newer than this program: only one that is nearly a known one is taken for a slip. */
function releaseProblem(text: string, beside: readonly Entry[]): Problem | undefined {
  const distributions = beside.filter(({ key }) => key === "Distribution").map(textOf);
  if (distributions.length !== 1 || distributions[0] !== "debian") return undefined;
  const releases = [...Object.keys(DEBIAN_RELEASES), ...DEBIAN_ARCHIVED];
  const near = releases.includes(text) ? undefined : suggest(text, releases);
  return near === undefined
    ? undefined
    : { message: `Release: Debian has no release “${text}”`, remedy: `Did you mean ${near}?` };
}

function nearest(text: string, names: ReadonlySet<string>, what: string): string {
  const near = suggest(text, names);
  if (near !== undefined) return `Did you mean ${near}?`;
  return names.size === 0 ? `There are no ${what.toLowerCase()} here.` : `${what} are ${[...names].sort().join(", ")}.`;
}

function textOf({ lines }: Entry): string {
  return lines.map((line) => line.text).join("\n");
}
