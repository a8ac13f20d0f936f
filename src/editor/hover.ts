// What is told of a name under the cursor: its page of the documentation, the value that each image has in the end, and
// where that comes from.

import { explain } from "../config/explain.ts";
import { keyByName } from "../config/session.ts";
import { targetOf } from "../config/values.ts";
import { PARTITION_SETTINGS } from "../facts/partition-settings.ts";
import { partOf, readDocument } from "../reference/documents.ts";
import { Failure, formatOrigin } from "../report/failure.ts";
import { type SettingKey, settings } from "../settings/index.ts";
import type { FileKind, Place } from "./place.ts";
import type { LoadedProject } from "./projects.ts";

/** Markdown, or undefined when there is nothing to tell. */
export function hoverText(
  place: Place,
  kind: FileKind,
  path: string,
  loaded: LoadedProject | undefined,
): string | undefined {
  if (place.what === "section") return kind === "config" ? aboutSection(place.word) : undefined;
  if (kind === "definition") {
    const known = Object.hasOwn(PARTITION_SETTINGS, place.key) ? PARTITION_SETTINGS[place.key] : undefined;
    if (known === undefined) return undefined;
    const { help, words } = known;
    return `**${place.key}=** ${help}${words === undefined ? "" : `\n\n${words.map((word) => `\`${word}\``).join(", ")}`}`;
  }
  if (kind === "uki") return page("settings/UnifiedKernelImageProfiles");
  const key = keyByName.get(place.key);
  if (key === undefined) return undefined;
  const value = loaded === undefined ? "" : effective(key, path, loaded);
  return [value, page(`settings/${settings[key].name}`)]
    .filter((part) => part !== undefined && part !== "")
    .join("\n\n---\n\n");
}

function aboutSection(name: string): string | undefined {
  if (/^(?:Trigger)?(?:Match|Assert)$/.test(name)) return page("manual/match");
  const text = page("settings/README");
  return text === undefined ? undefined : partOf(text, name);
}

/** A page without what only makes sense where it lies. */
function page(name: string): string | undefined {
  try {
    return readDocument(`docs/${name}.md`)
      .replaceAll(/<!--.*?-->\n?/gs, "")
      .replaceAll(/\[([^\]]*)\]\((?!https?:)[^)]*\)/g, "$1");
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** The values of the images that a file is read for, else of all, each with its origin; equal ones once. */
function effective(key: SettingKey, path: string, { project, images }: LoadedProject): string {
  const readers = new Set(images.filter(({ files }) => files.includes(path)).map(({ name }) => name));
  const lines = new Map<string, string[]>();
  for (const { image, text, assignments } of explain(project, [targetOf(key)])) {
    if (readers.size > 0 && !readers.has(image)) continue;
    const from = assignments.at(-1)?.assignment.origin;
    const shown = text.split("\n");
    const value =
      text === ""
        ? "not set"
        : shown
            .map((line) => `\`${line.replaceAll("`", "'")}\``)
            .slice(0, MOST)
            .join(", ");
    const more = shown.length > MOST ? `, and ${shown.length - MOST} more` : "";
    const line = `${value}${more} — ${from === undefined ? "default" : relative(formatOrigin(from), project.directory)}`;
    lines.set(line, [...(lines.get(line) ?? []), image]);
  }
  return [...lines].map(([line, names]) => `**${names.join(", ")}**: ${line}`).join("  \n");
}

/** How many elements of a list are shown. */
const MOST = 20;

function relative(text: string, directory: string): string {
  return text.replace(`${directory}/`, "");
}
