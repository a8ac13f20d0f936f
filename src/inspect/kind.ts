// Tells from a file's content what kind of image it is, whatever it is called.

import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { readFileSystem } from "../formats/file-system.ts";
import { readGpt } from "../formats/gpt.ts";
import { identifyKernel, readPe } from "../formats/pe.ts";
import { readUpTo } from "../formats/read-at.ts";
import { Failure } from "../report/failure.ts";

export type Kind = "directory" | "oci" | "disk" | "file-system" | "tar" | "cpio" | "uki" | "addon" | "efi";
export type Compression = "zstd" | "gzip" | "xz" | "bzip2" | "lz4";

const COMPRESSIONS: readonly (readonly [Compression, string])[] = [
  ["zstd", "28b52ffd"],
  ["gzip", "1f8b"],
  ["xz", "fd377a585a00"],
  ["bzip2", "425a68"],
  ["lz4", "04224d18"],
  ["lz4", "02214c18"],
];

/** How a file is compressed; undefined: it is not, or not by one of these. */
export async function compressionOf(path: string): Promise<Compression | undefined> {
  await using file = await open(path);
  const start = (await readUpTo(file, 0, 6)).toString("hex");
  return COMPRESSIONS.find(([, magic]) => start.startsWith(magic))?.[0];
}

/** What an uncompressed file or a directory is. @throws {Failure} when it is nothing that can be looked into */
export async function kindOf(path: string): Promise<Kind> {
  const status = await stat(path);
  if (status.isDirectory()) return (await readdir(path)).includes("oci-layout") ? "oci" : "directory";
  if (status.size === 0) throw unknown(path, "it is empty");
  await using file = await open(path);
  const start = await readUpTo(file, 0, 512);
  if (start.toString("latin1", 257, 262) === "ustar") return "tar";
  if (/^07070[12]/.test(start.toString("latin1", 0, 6))) return "cpio";
  if (start.toString("latin1", 0, 2) === "MZ" && (await readPe(path)) !== undefined) {
    const kernel = await identifyKernel(path);
    return kernel === "uki" || kernel === "addon" ? kernel : "efi";
  }
  if ((await readGpt(path)) !== undefined) return "disk";
  const found = await readFileSystem((offset, length) => readUpTo(file, offset, length));
  if (found !== undefined) return "file-system";
  throw unknown(path, await looksLike(file, status.size));
}

/** What can be said of something that is no image: it helps to see that it was cut off or damaged. */
async function looksLike(file: FileHandle, size: number): Promise<string> {
  const sectors = await Promise.all([512, 4096].map(async (offset) => await readUpTo(file, offset, 8)));
  if (sectors.some((sector) => sector.toString("latin1") === "EFI PART"))
    return "it begins with a partition table (GPT) whose checksums are wrong, or that does not end within the file: it is damaged or was cut off";
  return size < 1024 ? `it has ${size} bytes only` : "its first bytes are those of no format that is known here";
}

function unknown(path: string, reason: string): Failure {
  return new Failure(`${path} is no image that can be looked into: ${reason}`, {
    remedy:
      "name a disk or file system image, a tar or cpio archive, an EFI program, a directory with a tree or an OCI image",
  });
}
