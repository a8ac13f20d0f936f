// Unpacks what an image has into a directory, by the programs that its formats come with: none of them needs root or devices.

import { createReadStream, createWriteStream } from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Failure } from "../report/failure.ts";
import { CommandFailure } from "../sandbox/spawn.ts";
import { bind, bindReadOnly } from "../sandbox/spec.ts";
import type { ImageContext } from "../tools/context.ts";
import { requireTool, runTool } from "../tools/tool.ts";
import type { Compression } from "./kind.ts";

const SOURCE = "/source";
const TARGET = "/target";

interface Extractor {
  readonly program: string;
  readonly argv: readonly string[];
}

/** Keyed by kinds of archives and by types of file systems. */
const EXTRACTORS: Readonly<Record<string, Extractor>> = {
  tar: {
    program: "tar",
    argv: [
      "tar",
      "--extract",
      "--preserve-permissions",
      "--numeric-owner",
      `--file=${SOURCE}`,
      `--directory=${TARGET}`,
    ],
  },
  cpio: {
    program: "bsdtar",
    argv: ["bsdtar", "-x", "-p", "--numeric-owner", "-f", SOURCE, "-C", TARGET],
  },
  ext4: { program: "debugfs", argv: ["debugfs", "-R", `rdump / ${TARGET}`, SOURCE] },
  erofs: { program: "fsck.erofs", argv: ["fsck.erofs", `--extract=${TARGET}`, "--overwrite", SOURCE] },
  squashfs: {
    program: "unsquashfs",
    argv: ["unsquashfs", "-quiet", "-no-progress", "-force", "-dest", TARGET, SOURCE],
  },
  btrfs: { program: "btrfs", argv: ["btrfs", "restore", "--metadata", "--symlinks", SOURCE, TARGET] },
  vfat: {
    program: "mcopy",
    argv: ["sh", "-c", `mcopy -s -n -Q -m -i ${SOURCE} '::*' ${TARGET} || test -z "$(mdir -b -i ${SOURCE} ::)"`],
  },
};

const ALIASES: Readonly<Record<string, string>> = { ext2: "ext4", ext3: "ext4" };

/** Whether there is a program that unpacks it. @param format a kind of archive or the type of a file system */
export function canExtract(format: string): boolean {
  return (ALIASES[format] ?? format) in EXTRACTORS;
}

/** Unpacks an archive or a file that is one file system. @throws {Failure} when the program is missing or finds it damaged */
export async function extract(context: ImageContext, format: string, path: string, target: string): Promise<void> {
  const extractor = EXTRACTORS[ALIASES[format] ?? format];
  if (extractor === undefined) throw new Failure(`${format} cannot be unpacked here`);
  requireTool(context, extractor.program, `to look into ${format}`);
  const run = runTool(context, { argv: extractor.argv, mounts: [bindReadOnly(path, SOURCE), bind(target, TARGET)] });
  await run.catch((cause: unknown) => {
    if (!(cause instanceof CommandFailure)) throw cause;
    throw new Failure(`${basename(path)} cannot be unpacked: ${extractor.program} says that its ${format} is damaged`, {
      ...cause.details,
      cause,
    });
  });
}

/** Copies a part of a file into one of its own. Sizes in bytes. */
export async function copyRange(path: string, { offset, size }: { offset: number; size: number }, output: string) {
  const range = { start: offset, end: offset + size - 1, highWaterMark: 1024 * 1024 };
  await pipeline(createReadStream(path, range), createWriteStream(output));
}

const DECOMPRESSORS: Readonly<Record<Compression, readonly string[]>> = {
  zstd: ["zstd", "-q", "-d", "-c"],
  gzip: ["gzip", "-d", "-c"],
  xz: ["xz", "-d", "-c", "-T0"],
  bzip2: ["bzip2", "-d", "-c"],
  lz4: ["lz4", "-q", "-d", "-c"],
};

/** Decompresses a file into one in the scratch directory. @returns its path @throws {Failure} as extract() */
export async function decompress(context: ImageContext, path: string, compression: Compression): Promise<string> {
  const [program = "", ...args] = DECOMPRESSORS[compression];
  requireTool(context, program, "to decompress it");
  const output = join(context.scratch, `decompressed-${basename(path)}`);
  const argv = ["sh", "-c", 'exec "$@" <"$0" >/work/"$OUTPUT"', SOURCE, program, ...args];
  const mounts = [bindReadOnly(path, SOURCE), bind(context.scratch, "/work")];
  await runTool(context, { argv, mounts, env: { OUTPUT: basename(output) } }).catch((cause: unknown) => {
    if (!(cause instanceof CommandFailure)) throw cause;
    throw new Failure(`${path} cannot be decompressed: ${program} says that it is damaged, or was cut off`, {
      ...cause.details,
      cause,
    });
  });
  return output;
}
