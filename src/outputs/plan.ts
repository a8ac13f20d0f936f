// What is known of a disk's partitions before there is a disk: their UUIDs, which root=PARTUUID puts into the kernel's
// command line.

import { readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TreeContext } from "../tools/context.ts";
import { definitionFiles } from "../tools/definition-files.ts";
import { type RepartPartition, runRepart } from "../tools/repart.ts";
import { partitionDefinitions } from "./disk.ts";

/** All that the UUIDs depend on; the rest would have systemd-repart make file systems to see how large they become. */
const IDENTITY = /^\s*(?:\[|(?:Type|UUID|Label|Priority)\s*=)/;

/**
 * Finds out what the UUIDs of the disk's partitions will be: the same seed gives the same ones. Sizes and offsets are
 * not those of the finished disk.
 * @throws {Failure} {CommandFailure}
 */
export async function planDisk(context: TreeContext): Promise<readonly RepartPartition[]> {
  const directory = join(context.scratch, "plan");
  await rm(directory, { recursive: true, force: true });
  const definitions: string[] = [];
  for (const [index, source] of (await partitionDefinitions(context)).entries()) {
    const target = join(directory, String(index));
    await mkdir(target, { recursive: true });
    for (const name of definitionFiles(source)) {
      const text = readFileSync(join(source, name), "utf8");
      const lines = text.split("\n").filter((line) => IDENTITY.test(line));
      await mkdir(dirname(join(target, name)), { recursive: true });
      // An empty file masks others of its name.
      await writeFile(join(target, name), text === "" ? "" : `${lines.join("\n")}\n`);
    }
    definitions.push(target);
  }
  return await runRepart(context, { image: join(directory, "disk.raw"), mode: "plan", definitions });
}
