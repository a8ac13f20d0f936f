// EnvironmentFiles=: variables for scripts and tools from files, in the format that systemd's EnvironmentFile= has in
// its simplest form: NAME=VALUE lines, and comments.

import { readFileSync } from "node:fs";
import type { Image } from "../config/project.ts";

/** The image with the variables of its EnvironmentFiles= among those of Environment=, which win. */
export function withEnvironmentFiles(image: Image): Image {
  const { environmentFiles, environment } = image.config;
  if (environmentFiles.length === 0) return image;
  const fromFiles = Object.assign({}, ...environmentFiles.map((path) => parseEnvironment(readFileSync(path, "utf8"))));
  return { ...image, config: { ...image.config, environment: { ...fromFiles, ...environment } } };
}

/** The variables of a file's text; lines without `=` are none. */
export function parseEnvironment(text: string): Record<string, string> {
  const lines = text.split("\n").map((line) => line.trim());
  const assignments = lines.filter((line) => line.includes("=") && !line.startsWith("#"));
  return Object.fromEntries(
    assignments.map((line) => [line.slice(0, line.indexOf("=")).trim(), line.slice(line.indexOf("=") + 1).trim()]),
  );
}
