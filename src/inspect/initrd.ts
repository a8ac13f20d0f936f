// What an initrd has: archives one after the other, each compressed or not, with zeros between them
// (the kernel's Documentation/driver-api/early-userspace/buffer-format.rst).

import { open, stat } from "node:fs/promises";
import { readCpio } from "../formats/cpio.ts";
import { frameEnd } from "../formats/zstd.ts";
import { Failure } from "../report/failure.ts";
import type { ImageContext } from "../tools/context.ts";
import type { Initrd } from "./contents.ts";
import { copyRange, decompress } from "./extract.ts";
import { type Compression, compressionOf } from "./kind.ts";

/** @param path of the initrd, in our own mount namespace @param name what it belongs to @throws {Failure} when it is damaged */
export async function readInitrd(context: ImageContext, path: string, name: string): Promise<Initrd> {
  const { size } = await stat(path);
  await using file = await open(path);
  let [at, files, bytes]: number[] & [number, number, number] = [0, 0, 0];
  let compression: Compression | undefined;
  for (let part = 0; ; part++) {
    const plain = await readCpio(file, size, at);
    [at, files, bytes] = [plain.end, files + plain.files, bytes + plain.size];
    if (at >= size) break;
    const end = await frameEnd(file, at, size);
    const copy = `${path}.${part}`;
    await copyRange(path, { offset: at, size: (end === at ? size : end) - at }, copy);
    const found = await compressionOf(copy);
    if (found === undefined) break;
    compression = found;
    const unpacked = await decompress(context, copy, found).catch((cause: unknown) => {
      throw new Failure(`the initrd in ${name} is damaged: from byte ${at} on, ${found} cannot decompress it`, {
        cause,
      });
    });
    await using inner = await open(unpacked);
    const archive = await readCpio(inner, (await stat(unpacked)).size);
    [files, bytes] = [files + archive.files, bytes + archive.size];
    if (end === at) break;
    at = end;
  }
  return { files, size: bytes, compression };
}
