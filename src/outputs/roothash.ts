// SplitArtifacts=roothash: the hash by which the kernel tells whether a partition is as it was made.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rootHash } from "../signing/verity.ts";
import type { OutputContext } from "../tools/context.ts";
import type { RepartPartition } from "../tools/repart.ts";

/** Writes OUTPUT.roothash, of the root partition or else of /usr. @returns its path; undefined when nobody wants it or there is none */
export async function writeRootHash(
  { image: { config }, staging }: OutputContext,
  partitions: readonly RepartPartition[],
): Promise<string | undefined> {
  if (!config.splitArtifacts.includes("roothash")) return undefined;
  const found = rootHash(partitions);
  if (found === undefined) return undefined;
  const path = join(staging, `${config.output}.roothash`);
  await writeFile(path, found.hash);
  return path;
}
