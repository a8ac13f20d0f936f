// SHA256SUMS: what sha256sum --check reads.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { OutputContext } from "../tools/context.ts";

/** Writes OUTPUT.SHA256SUMS over some files of the staging directory. @returns its path */
export async function writeChecksums(context: OutputContext, files: readonly string[]): Promise<string> {
  const lines: string[] = [];
  for (const file of files.toSorted()) lines.push(`${await sha256(file)} *${basename(file)}\n`);
  const path = join(context.staging, `${context.image.config.output}.SHA256SUMS`);
  await writeFile(path, lines.join(""));
  return path;
}

export async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest("hex");
}
