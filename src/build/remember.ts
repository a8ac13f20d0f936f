// History=: after a build, the options that it was made with are written where verbs that use the images look for them.

import { mkdir, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { formatJson } from "../config/json.ts";
import type { Project } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import { writeWhole } from "../report/whole-file.ts";
import { readText } from "../settings/types/files.ts";

/** Writes the options of a build that has succeeded, if History= says so; each file is replaced as a whole. @throws {Failure} */
export async function rememberOptions({ latestBuildFiles, optionsToRemember }: Project): Promise<void> {
  if (optionsToRemember === undefined) return;
  const text = formatJson(optionsToRemember);
  for (const file of latestBuildFiles) {
    try {
      await mkdir(dirname(file), { recursive: true });
      // Passwords may be among them.
      await writeWhole(file, text, { mode: 0o600 });
    } catch (cause) {
      throw new Failure(
        `the images are built, but their options cannot be remembered in ${file} (History=yes): ${cause instanceof Error ? cause.message : String(cause)}`,
        { remedy: "make it writable, or set History=no", cause },
      );
    }
  }
}

/** The directories that hold what is remembered. */
export function rememberedIn({ latestBuildFiles }: Project): readonly string[] {
  return latestBuildFiles.map((file) => dirname(file));
}

/** The output directories that are remembered, absolute. What cannot be understood names none. */
export function rememberedOutputDirectories({ latestBuildFiles }: Project): readonly string[] {
  return latestBuildFiles.flatMap((file) => {
    try {
      const { OutputDirectory: directory } = JSON.parse(readText(file)) as { readonly OutputDirectory?: unknown };
      return typeof directory === "string" ? [directory] : [];
    } catch {
      return [];
    }
  });
}

/** Removes the directory around what was remembered, unless it holds something else. */
export async function removeEmptyParents(project: Project): Promise<void> {
  for (const directory of rememberedIn(project)) await rmdir(dirname(directory)).catch(() => {});
}
