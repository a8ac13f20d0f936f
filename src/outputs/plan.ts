// What is known of a disk's partitions before there is a disk: their UUIDs, which root=PARTUUID puts into the kernel's
// command line, and whether the definitions ask for what this version cannot do.

import { readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import type { TreeContext } from "../tools/context.ts";
import { type RepartPartition, runRepart } from "../tools/repart.ts";
import { partitionDefinitions } from "./disk.ts";

/** All that the UUIDs depend on; the rest would have systemd-repart make file systems to see how large they become. */
const IDENTITY = /^\s*(?:\[|(?:Type|UUID|Label|Priority)\s*=)/;
const VERITY = /^\s*Verity\s*=\s*(?:data|hash|signature)\b/m;

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
      const lines = readFileSync(join(source, name), "utf8").split("\n");
      await mkdir(dirname(join(target, name)), { recursive: true });
      await writeFile(join(target, name), `${lines.filter((line) => IDENTITY.test(line)).join("\n")}\n`);
    }
    definitions.push(target);
  }
  return await runRepart(context, { image: join(directory, "disk.raw"), mode: "plan", definitions });
}

/**
 * Stops when partition definitions of a bootable disk ask for verity: their root hash would have to be on the kernel's
 * command line, and without it the image would not boot. @throws {Failure}
 */
export function checkDefinitions(image: Image): void {
  const { format, bootable, repartDirectories } = image.config;
  if (format !== "disk" || bootable === "disabled") return;
  for (const directory of repartDirectories) {
    for (const name of definitionFiles(directory)) {
      if (!VERITY.test(readFileSync(join(directory, name), "utf8"))) continue;
      throw new Failure(
        `image ${image.name}: this version cannot build with Verity= in partition definitions yet (${join(directory, name)})`,
        {
          origin: image.origin("repartDirectories", directory),
          remedy: "remove Verity= from the definition, or set Bootable=no for a disk that is not booted",
        },
      );
    }
  }
}

/** `10-root.conf` and `10-root.conf.d/*.conf`, relative to the directory. */
function definitionFiles(directory: string): string[] {
  const names = readdirSync(directory, { withFileTypes: true });
  return names.flatMap((entry) => {
    if (entry.name.endsWith(".conf.d"))
      return readdirSync(join(directory, entry.name)).map((name) => join(entry.name, name));
    return entry.name.endsWith(".conf") ? [entry.name] : [];
  });
}
