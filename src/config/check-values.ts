// Values that can be read, and that the programs they go to take for something else.

import type { Config } from "../settings/index.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Image } from "./project.ts";

/** What compressors have levels for. */
const LEVELS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  zstd: [0, 22],
  xz: [0, 9],
  lzma: [0, 9],
  gz: [1, 9],
  bz2: [1, 9],
  lz4: [0, 12],
};
const UNCOMPRESSED: readonly Config["format"][] = ["directory", "none"];

/** Warnings about an image. */
export function oddValues(image: Image): Diagnostic[] {
  return [...levelBeyond(image), ...unknownParts(image), ...unifiedAnyway(image)];
}

function levelBeyond(image: Image): Diagnostic[] {
  const { compressOutput, compressLevel, format } = image.config;
  const range = LEVELS[compressOutput];
  if (range === undefined || UNCOMPRESSED.includes(format)) return [];
  const [least, most] = range;
  if (compressLevel >= least && compressLevel <= most) return [];
  return [
    {
      level: "warning",
      message: `CompressLevel=${compressLevel} is no level of ${compressOutput}`,
      origin: image.origin("compressLevel"),
      remedy: `It has those from ${least} to ${most}.`,
    },
  ];
}

function unknownParts(image: Image): Diagnostic[] {
  const format = image.config.unifiedKernelImageFormat ?? "";
  const unknown = format.match(/&[&a-zA-Z]/g)?.find((part) => !/^&[&ekhc]$/.test(part));
  if (unknown === undefined) return [];
  return [
    {
      level: "warning",
      message: `UnifiedKernelImageFormat: ${unknown} stands for nothing, and is left out`,
      origin: image.origin("unifiedKernelImageFormat"),
      remedy: "Write &e, &k, &h or &c, and && for a &.",
    },
  ];
}

function unifiedAnyway(image: Image): Diagnostic[] {
  const { bootloader, unifiedKernelImages } = image.config;
  if (unifiedKernelImages !== "none" || !bootloader.startsWith("uki")) return [];
  return [
    {
      level: "warning",
      message: `UnifiedKernelImages=none has no effect with Bootloader=${bootloader}`,
      origin: image.origin("unifiedKernelImages"),
      remedy: "A unified kernel image is what that boots. Bootloader=none makes none.",
    },
  ];
}
