// Brings two summaries into a form in which they can be compared: what is random is left out, what is built in has
// other paths and another order here and there.

import type { ImageSummary, Summary } from "./peer.ts";

/** Made of the built-in configurations, which are laid out differently. */
const BUILTIN_IMAGES: ReadonlySet<unknown> = new Set(["tools", "default-initrd"]);
const UNORDERED: ReadonlySet<string> = new Set(["KernelModules", "RemoveFiles", "RemovePackages"]);

export interface NormalizeOptions {
  /** The directory with built-in configurations. */
  readonly builtin: string;
  readonly seed: boolean;
  /** Lists of any image whose order does not matter. */
  readonly unordered?: readonly string[];
}

export function normalize(summary: Summary, options: NormalizeOptions): Summary {
  return {
    Images: summary.Images.map((image) => normalizeImage(image, options)),
    Tools: summary.Tools === null ? null : normalizeImage(summary.Tools, options),
  };
}

function normalizeImage(image: ImageSummary, { builtin, seed, unordered = [] }: NormalizeOptions): ImageSummary {
  const text = JSON.stringify(image).replaceAll(builtin, "<builtin>");
  const result = JSON.parse(text) as Record<string, unknown>;
  if (!seed) delete result["Seed"];
  result["Files"] = (result["Files"] as string[]).filter((file) => !file.startsWith("<builtin>"));
  const sorted = BUILTIN_IMAGES.has(image["Image"]) ? [...UNORDERED, ...unordered] : unordered;
  for (const key of sorted) result[key] = [...(result[key] as string[])].sort();
  return result;
}

/** The settings in which two summaries differ, as `IMAGE.SETTING`. */
export function differences(ours: Summary, theirs: Summary): string[] {
  const names = (summary: Summary): unknown[] => summary.Images.map((image) => image["Image"]);
  if (JSON.stringify(names(ours)) !== JSON.stringify(names(theirs))) {
    return [`images are ${names(ours).join(" ")}, but the original's ${names(theirs).join(" ")}`];
  }
  const found = ours.Images.flatMap((image, index) => differencesOf(image, theirs.Images[index] ?? {}));
  if ((ours.Tools === null) !== (theirs.Tools === null)) return [...found, "only one has a tools tree"];
  return ours.Tools === null || theirs.Tools === null ? found : [...found, ...differencesOf(ours.Tools, theirs.Tools)];
}

function differencesOf(ours: ImageSummary, theirs: ImageSummary): string[] {
  const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort();
  return keys
    .filter((key) => canonical(ours[key]) !== canonical(theirs[key]))
    .map((key) => `${String(ours["Image"])}.${key}: ${canonical(ours[key])} — original: ${canonical(theirs[key])}`);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "nothing";
  return `{${Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, entry]) => `${key}:${canonical(entry)}`)
    .join(",")}}`;
}
