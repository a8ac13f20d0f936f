// EnvironmentFiles=: variables for scripts and tools from files, in the format that systemd's EnvironmentFile= has in
// its simplest form: NAME=VALUE lines, and comments.

import type { Image } from "../../config/project.ts";
import { Failure } from "../../report/failure.ts";
import { readText } from "../../settings/types/files.ts";
import { ValueError } from "../../settings/types/value.ts";

/**
 * The image with the variables of its EnvironmentFiles= among those of Environment=, which win. The files are read when
 * somebody asks for the variables, since sync scripts may write them; asking throws a Failure when one cannot be read.
 */
export function withEnvironmentFiles(image: Image): Image {
  const { environmentFiles, environment } = image.config;
  if (environmentFiles.length === 0) return image;
  const config = {
    ...image.config,
    get environment() {
      const fromFiles = environmentFiles.map((path) => parseEnvironment(read(image, path)));
      return Object.assign({}, ...fromFiles, environment) as Record<string, string>;
    },
  };
  return { ...image, config };
}

function read(image: Image, path: string): string {
  try {
    return readText(path);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    const origin = image.origin("environmentFiles", path);
    throw new Failure(`EnvironmentFiles: ${error.message}`, { origin, remedy: error.remedy, cause: error });
  }
}

/** The variables of a file's text; lines without `=` are none. */
export function parseEnvironment(text: string): Record<string, string> {
  const lines = text.split("\n").map((line) => line.trim());
  const assignments = lines.filter((line) => line.includes("=") && !line.startsWith("#"));
  return Object.fromEntries(
    assignments.map((line) => [line.slice(0, line.indexOf("=")).trim(), line.slice(line.indexOf("=") + 1).trim()]),
  );
}
