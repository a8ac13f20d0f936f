// An image's configuration as JSON: the names and forms that the original's `summary --json` has, since scripts and
// configure scripts read it.

import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { compareCodePoints } from "../formats/code-points.ts";
import { type Config, rows, type Setting } from "../settings/index.ts";
import type { Json } from "../settings/types/value.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Image, Project } from "./project.ts";

/** The whole project. */
export function projectJson(project: Project): Json {
  return {
    Images: project.images.map(imageJson),
    Tools: project.tools === undefined ? null : imageJson(project.tools),
  };
}

/** What is wrong or odd about a configuration. */
export function diagnosticsJson(diagnostics: readonly Diagnostic[]): Json {
  return {
    Diagnostics: diagnostics.map(({ level, message, origin, remedy, excerpt }) => ({
      Level: level,
      Message: message,
      File: origin === undefined || origin.kind === "option" ? null : origin.path,
      Line: origin?.kind === "file" ? origin.line : null,
      Column: origin?.kind === "file" ? origin.column : null,
      Option: origin?.kind === "option" ? origin.option : null,
      Remedy: remedy ?? null,
      Excerpt: excerpt ?? null,
    })),
  };
}

/** One image; settings that only shape other images are not part of it. */
export function imageJson(image: Image): Json {
  const result: Record<string, Json> = { Image: image.name, Files: image.files };
  for (const [key, row] of rows) {
    if (row.into !== undefined || row.scope === "tools" || key === "include") continue;
    const value = image.config[key as keyof Config] as unknown;
    if (row.own === true && hasDefault(row, value)) continue;
    result[row.name] = value === null ? null : row.type.json(value);
  }
  const { buildDirectory } = image.config;
  if (buildDirectory !== null) {
    const part = expandKey(image.config.buildKey, image);
    result["BuildSubdirectory"] = part === "-" ? buildDirectory : join(buildDirectory, part);
  }
  return result;
}

function hasDefault(row: Setting, value: unknown): boolean {
  return isDeepStrictEqual(value, "default" in row ? row.default : row.type.unset);
}

/** `&d` and its kin in CacheKey= and BuildKey=, which are replaced only when the key is used. */
export function expandKey(key: string, image: Image): string {
  const { config } = image;
  const values: Readonly<Record<string, string>> = {
    "&": "&",
    d: config.distribution satisfies keyof typeof DISTRIBUTIONS,
    r: config.release,
    a: config.architecture,
    i: config.imageId ?? "",
    v: config.imageVersion ?? "",
    I: image.name,
  };
  return key.replace(/&([&a-zA-Z])/g, (_all, letter: string) => values[letter] ?? "");
}

/** Text with sorted names, an indentation of four, and nothing but ASCII. */
export function formatJson(value: Json): string {
  return JSON.stringify(sorted(value), null, 4).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value as { readonly [key: string]: Json });
  entries.sort(([left], [right]) => compareCodePoints(left, right));
  return Object.fromEntries(entries.map(([key, entry]) => [key, sorted(entry)]));
}
