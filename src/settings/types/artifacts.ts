// Compression methods, and the artefacts that are put beside an image.

import { tryBoolean } from "./boolean.ts";
import { parseChoice, wordOf } from "./choice.ts";
import { list } from "./list.ts";
import { scalar, type ValueType } from "./value.ts";

export const COMPRESSIONS = ["none", "zstd", "xz", "bz2", "gz", "lz4", "lzma"] as const;
export type Compression = (typeof COMPRESSIONS)[number];
const COMPRESSION_ALIASES: ReadonlyMap<string, Compression> = new Map([
  ["zst", "zstd"],
  ["gzip", "gz"],
]);

/** A compression method; yes is zstd. */
export const compression: ValueType<Compression, null> = scalar(
  {
    label: `a boolean or one of ${COMPRESSIONS.join(", ")}`,
    metavar: "ALG",
    schema: { enum: COMPRESSIONS },
    completion: { kind: "words", words: COMPRESSIONS },
    parse(text): Compression {
      const alias = COMPRESSION_ALIASES.get(text);
      if (alias !== undefined) return alias;
      const flag = COMPRESSIONS.includes(text as Compression) ? undefined : tryBoolean(text);
      if (flag !== undefined) return flag ? "zstd" : "none";
      return parseChoice(text, COMPRESSIONS);
    },
  },
  null,
);

export const ARTIFACTS = [
  "uki",
  "kernel",
  "initrd",
  "partitions",
  "tar",
  "pcrs",
  "roothash",
  "os-release",
  "kernel-modules-initrd",
  "repart-definitions",
] as const;
export type Artifact = (typeof ARTIFACTS)[number];
export const DEFAULT_ARTIFACTS: readonly Artifact[] = ["uki", "kernel", "initrd"];

const artifactNames = list<Artifact>({ ...wordOf("artefacts", ...ARTIFACTS), metavar: "ARTIFACT" });

/** Artefacts that are put beside the image; a boolean stands for the default ones with or without partitions. */
export const artifacts: ValueType<readonly Artifact[], readonly Artifact[]> = {
  ...artifactNames,
  parse(text, context) {
    const flag = text === "" ? undefined : tryBoolean(text);
    if (flag === undefined) return artifactNames.parse(text, context);
    const values = flag ? [...DEFAULT_ARTIFACTS, "partitions"] : DEFAULT_ARTIFACTS;
    return { type: "replace", items: values.map((value) => ({ value, offset: 0 })) };
  },
};
