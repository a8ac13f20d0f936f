// The picture of Splash=, which systemd-stub shows while a unified kernel image starts.

import { open } from "node:fs/promises";
import { Failure } from "../report/failure.ts";
import type { TreeContext } from "../tools/context.ts";
import { fileInside } from "../tools/inside.ts";

/** The picture's file in our own mount namespace; undefined without Splash=. @throws {Failure} when it is no BMP file */
export async function splashFile({ image, root }: TreeContext): Promise<string | undefined> {
  const { splash } = image.config;
  if (splash === null) return undefined;
  const file = fileInside(root, splash);
  if (file === undefined) {
    throw new Failure(`image ${image.name}: there is no file ${splash} in it, which Splash= names`, {
      origin: image.origin("splash"),
      remedy: "put the picture there (ExtraTrees=), or remove Splash=; the path is one inside the image",
    });
  }
  if (await isBitmap(file)) return file;
  throw new Failure(`image ${image.name}: ${splash} is not a BMP file, the only pictures that systemd-stub shows`, {
    origin: image.origin("splash"),
    remedy: "convert it, for example with ImageMagick: convert logo.png -background black -flatten BMP3:logo.bmp",
  });
}

/** Where in the tree the picture is looked for, for Step.looksAt. */
export function splashReads({ image }: TreeContext): readonly string[] {
  return image.config.splash === null ? [] : [image.config.splash];
}

async function isBitmap(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer.toString("latin1") === "BM";
}
