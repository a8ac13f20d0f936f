// ESP images: a disk with an EFI system partition and nothing else.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OutputContext, TreeContext } from "../tools/context.ts";
import { pathInside } from "../tools/inside.ts";
import { runRepart } from "../tools/repart.ts";
import { type Disk, diskOf } from "./disk.ts";
import { artifactSize } from "./size.ts";

const MIB = 1024 * 1024;
/** For the file system itself. */
const OVERHEAD = 10 * MIB;
/** Below it a file system has too few clusters for FAT32, which firmware insists on; by the sector's size. */
const LEAST = { small: 36 * MIB, large: 260 * MIB };
const SOURCES = ["boot", "efi"];

/** Makes the image in the staging directory. @throws {Failure} {CommandFailure} */
export async function packEsp(context: OutputContext, name: string): Promise<Disk> {
  const image = join(context.staging, name);
  const definitions = [await espDefinitions(context)];
  const split = context.image.config.splitArtifacts.includes("partitions");
  const partitions = await runRepart(context, { image, mode: "create", definitions, split, fstab: false });
  return await diskOf(context, image, partitions);
}

/** The directory with the definition of the partition. */
export async function espDefinitions(context: TreeContext): Promise<string> {
  const { sectorSize } = context.image.config;
  for (const source of SOURCES) await mkdir(pathInside(context.root, source), { recursive: true, mode: 0o500 });
  const content = SOURCES.reduce((sum, source) => sum + artifactSize(pathInside(context.root, source)), 0);
  const least = sectorSize === null || sectorSize === 512 ? LEAST.small : LEAST.large;
  const size = Math.max(content + OVERHEAD, least);
  const directory = join(context.scratch, "esp.repart.d");
  await mkdir(directory, { recursive: true });
  const lines = [
    ...["[Partition]", "Type=esp", "Format=vfat", ...SOURCES.map((source) => `CopyFiles=/${source}:/`)],
    // A size that is no multiple of a page is rounded up, beyond a limit that were as exact.
    ...[`SizeMinBytes=${size}`, `SizeMaxBytes=${size + 4096}`],
  ];
  await writeFile(join(directory, "00-esp.conf"), `${lines.join("\n")}\n`);
  return directory;
}
