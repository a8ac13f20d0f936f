// What may stand at a place: sections, settings, and values by the types of the settings' table.

import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type CompletionItem, CompletionItemKind, type CompletionList } from "vscode-languageserver/node";
import { CONDITION_SECTIONS } from "../config/conditions.ts";
import { OTHER_CONDITIONS } from "../config/match.ts";
import { keyByName } from "../config/session.ts";
import { ARCHITECTURES } from "../facts/architectures.ts";
import { PARTITION_SETTINGS } from "../facts/partition-settings.ts";
import { cachedPackageNames } from "../package-managers/cached-names.ts";
import { type Config, rows, type Setting, type SettingKey, settings } from "../settings/index.ts";
import type { Completion } from "../settings/types/value.ts";
import type { FileKind, Place } from "./place.ts";
import type { LoadedProject } from "./projects.ts";

export interface Around {
  /** The file, absolute. */
  readonly path: string;
  readonly kind: FileKind;
  readonly line: number;
  /** Undefined when the project could not be read at all. */
  readonly loaded: LoadedProject | undefined;
  /** The user's package cache, for images that have none of their own. */
  readonly packageCache: string;
}

/** More than anybody looks through; the client asks again when more was typed. */
const MOST = 500;

const UKI = ["Profile", "Cmdline", "SignExpectedPcr"];
const SECTIONS: Readonly<Record<FileKind, readonly string[]>> = {
  config: [...new Set(rows.map(([, row]) => row.section as string)), ...CONDITION_SECTIONS],
  uki: ["UKIProfile"],
  definition: ["Partition"],
};

export function complete(place: Place, around: Around): CompletionList {
  const all = candidates(place, around);
  const typed = place.before.toLowerCase();
  const near = all.filter(({ label }) => label.toLowerCase().startsWith(typed));
  // editors match letters in any place, which counts where nothing begins so
  const wanted = near.length > 0 ? near : all.filter(({ label }) => label.toLowerCase().includes(typed));
  return {
    isIncomplete: wanted.length > MOST,
    items: wanted.slice(0, MOST).map((item) => withEdit(item, place, around)),
  };
}

/** The whole word is replaced, whatever the client takes for a word. */
function withEdit(item: CompletionItem, { start, end }: Place, { line }: Around): CompletionItem {
  const range = { start: { line, character: start }, end: { line, character: end } };
  return { ...item, textEdit: { range, newText: item.insertText ?? item.label } };
}

function candidates(place: Place, around: Around): CompletionItem[] {
  switch (place.what) {
    case "comment":
      return [];
    case "section":
      return SECTIONS[around.kind].map((label) => ({ label, kind: CompletionItemKind.Module }));
    case "key":
      return [
        ...settingsOf(place, around.kind),
        ...(place.before === ""
          ? SECTIONS[around.kind].map((name) => ({ label: `[${name}]`, kind: CompletionItemKind.Module }))
          : []),
      ];
    case "value":
      return place.before.endsWith("%") && around.kind === "config" ? specifiers(place) : values(place, around);
  }
}

function settingsOf({ section, alone }: Place, kind: FileKind): CompletionItem[] {
  const item = (label: string, detail: string, help: string): CompletionItem => ({
    label,
    kind: CompletionItemKind.Property,
    detail,
    documentation: help,
    insertText: alone ? `${label}=` : label,
  });
  if (section === "") return [];
  if (kind === "uki") return UKI.map((name) => item(name, "", ""));
  if (kind === "definition") return Object.entries(PARTITION_SETTINGS).map(([name, { help }]) => item(name, "", help));
  const isCondition = CONDITION_SECTIONS.has(section);
  const known = rows.filter(([, row]) => (isCondition ? row.match !== undefined : row.section === section));
  const shown = known.length > 0 ? known : rows;
  return [
    ...shown.map(([, row]) => item(row.name, row.type.label, row.help)),
    ...(isCondition ? OTHER_CONDITIONS.map((name) => item(name, "a condition", "")) : []),
  ];
}

function specifiers({ before }: Place): CompletionItem[] {
  const prefix = before.slice(0, -1);
  return rows.flatMap(([, row]) =>
    row.specifier === undefined
      ? []
      : [
          {
            label: `${prefix}%${row.specifier}`,
            kind: CompletionItemKind.Variable,
            detail: `${row.name}=`,
            documentation: row.help,
          },
        ],
  );
}

const PACKAGES: ReadonlySet<SettingKey> = new Set<SettingKey>([
  ...(["packages", "buildPackages", "volatilePackages", "removePackages"] as const),
  ...(["initrdPackages", "initrdVolatilePackages"] as const),
]);

function values(place: Place, around: Around): CompletionItem[] {
  if (around.kind === "definition") {
    const known = Object.hasOwn(PARTITION_SETTINGS, place.key) ? PARTITION_SETTINGS[place.key] : undefined;
    return words(known?.words ?? []);
  }
  if (around.kind === "uki") return place.key === "SignExpectedPcr" ? words(["yes", "no"]) : [];
  if (place.key === "Image") return words(imageNames(around));
  if (place.key === "HostArchitecture") return words(ARCHITECTURES);
  if (place.key === "PathExists") return paths(place, around, false);
  const key = keyByName.get(place.key);
  if (key === undefined) return [];
  if (PACKAGES.has(key)) return words(packages(around, "main"), CompletionItemKind.Reference);
  if (key === "toolsTreePackages") return words(packages(around, "tools"), CompletionItemKind.Reference);
  if (key === "dependencies") return words(imageNames(around).filter((name) => name !== "main"));
  const row: Setting = settings[key];
  if (key === "toolsTreeRelease") return ofCompletion(settings.release.type.completion, place, around);
  return ofCompletion(row.type.completion, place, around);
}

function ofCompletion(completion: Completion, place: Place, around: Around): CompletionItem[] {
  switch (completion.kind) {
    case "words":
      return words(completion.words);
    case "names":
      return words(namesBelow(around, completion.directory));
    case "path":
      return paths(place, around, false);
    case "directory":
      return paths(place, around, true);
    case "none":
      return [];
  }
}

function words(labels: readonly string[], kind: CompletionItemKind = CompletionItemKind.Value): CompletionItem[] {
  return labels.map((label) => ({ label, kind }));
}

function imageNames({ loaded }: Around): string[] {
  return (loaded?.images ?? []).map(({ name }) => name);
}

/** What the main image, or the tools tree, can be made of. */
function packages({ loaded, packageCache }: Around, wanted: "main" | "tools"): string[] {
  const image = wanted === "tools" ? loaded?.project.tools : loaded?.project.images.at(-1);
  const config: Config | undefined = image?.config;
  return config === undefined ? [] : cachedPackageNames(config.packageCacheDirectory ?? packageCache, config);
}

function namesBelow({ path, loaded }: Around, directory: string): string[] {
  const bases = new Set([dirname(path), dirname(dirname(path)), loaded?.project.configDirectory ?? dirname(path)]);
  const names = [...bases].flatMap((base) => entries(join(base, directory)).map((name) => name.replace(/\.conf$/, "")));
  return [...new Set(names)].sort();
}

function entries(directory: string): string[] {
  return existsSync(directory) && statSync(directory).isDirectory() ? readdirSync(directory).sort() : [];
}

/** Files and directories that go on with the word, relative to the file's directory like the word itself. */
function paths({ before, word }: Place, { path, loaded }: Around, directoriesOnly: boolean): CompletionItem[] {
  if (before.includes("%") || before.includes("$")) return [];
  const above = before.slice(0, before.lastIndexOf("/") + 1);
  const base = resolve(workingDirectory(path, loaded), above);
  const hidden = before.slice(above.length).startsWith(".");
  return entries(base).flatMap((name): CompletionItem[] => {
    if (name.startsWith(".") && !hidden) return [];
    const isDirectory = statSync(join(base, name), { throwIfNoEntry: false })?.isDirectory() === true;
    if (directoriesOnly && !isDirectory) return [];
    const colon = word.indexOf(":");
    const label = `${above}${name}${colon < 0 ? "" : word.slice(colon)}`;
    return [{ label, kind: isDirectory ? CompletionItemKind.Folder : CompletionItemKind.File }];
  });
}

/** What relative paths in a file are relative to: its directory when it is a mkosi.conf, else the one it was read for. */
export function workingDirectory(path: string, loaded: LoadedProject | undefined): string {
  if (path.endsWith("/mkosi.conf")) return dirname(path);
  const parent = dirname(path);
  const [, outer] = /^(.*)\/mkosi\.(?:conf\.d|profiles)$/.exec(parent) ?? [];
  return outer ?? (/\/mkosi\.(?:images|presets)$/.test(parent) ? (loaded?.root ?? parent) : parent);
}
