// Settings that were set although the chosen format has no use for them.

import { type Config, settings } from "../settings/index.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Image } from "./project.ts";

type Format = Config["format"];

/** Made by systemd-repart. */
const PARTITIONED: readonly Format[] = ["disk", "esp", "sysext", "confext", "portable"];

/** Whose output is one file. */
const FILES: readonly Format[] = [...PARTITIONED, "tar", "cpio", "uki", "oci", "addon"];

const USED_BY: { readonly [Key in keyof Config]?: readonly Format[] } = {
  repartDirectories: PARTITIONED,
  sectorSize: PARTITIONED,
  seed: PARTITIONED,
  passphrase: PARTITIONED,
  verity: ["disk", "sysext", "confext", "portable"],
  verityKey: ["disk", "sysext", "confext", "portable"],
  verityCertificate: ["disk", "sysext", "confext", "portable"],
  outputSize: ["disk"],
  elTorito: ["disk"],
  elToritoSystem: ["disk"],
  elToritoVolume: ["disk"],
  elToritoPublisher: ["disk"],
  compressOutput: FILES,
  compressLevel: FILES,
  outputExtension: FILES,
  ociLabels: ["oci"],
  ociAnnotations: ["oci"],
};

const KEYS = Object.keys(USED_BY) as (keyof Config)[];
const PROMISES: readonly (keyof Config)[] = ["verity", "passphrase", "outputSize", "elTorito"];

/** Only what this image's own configuration sets: what it inherits is meant for others. */
export function ignoredSettings(image: Image, among: readonly (keyof Config)[] = KEYS): Diagnostic[] {
  const { format } = image.config;
  const own = new Set(
    image.history.flatMap((event) =>
      event.type === "assigned" && event.origin.kind !== "pickup" ? [event.key as string] : [],
    ),
  );
  return among.flatMap((key) => {
    const formats = USED_BY[key] ?? [];
    if (formats.includes(format) || !own.has(key) || isUnset(image.config[key])) return [];
    return [
      {
        level: "warning" as const,
        message: `${settings[key].name}= has no effect with Format=${format}`,
        origin: image.origin(key),
        remedy: `It is for ${formats.join(", ")}.`,
      },
    ];
  });
}

/** What a build is not to leave out without a word: settings that promise something of the output. */
export function brokenPromises(image: Image): Diagnostic[] {
  return ignoredSettings(image, PROMISES);
}

/** Whether it asks for nothing. */
function isUnset(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === null || value === "auto" || value === "none" || value === "disabled";
}
