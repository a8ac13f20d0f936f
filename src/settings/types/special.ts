// The types that belong to one or a few settings: compression, artefacts, sources of keys, credentials, drives,
// module filters, UKI profiles, the minimum version.

import { lstatSync, readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { VERSION } from "../../facts/version.ts";
import { compareVersions } from "../../formats/version-compare.ts";
import { parseBoolean, tryBoolean } from "./boolean.ts";
import { parseChoice } from "./choice.ts";
import { list, type StringMap } from "./list.ts";
import { parseBytes, printBytes } from "./number.ts";
import { parsePath, pathExists } from "./path.ts";
import { splitAtBlanks, splitQuoted } from "./split.ts";
import { isFileName, words } from "./text.ts";
import { type ElementType, type ParseContext, reset, scalar, ValueError, type ValueType } from "./value.ts";

export const COMPRESSIONS = ["none", "zstd", "xz", "bz2", "gz", "lz4", "lzma"] as const;
export type Compression = (typeof COMPRESSIONS)[number];
const COMPRESSION_ALIASES: Readonly<Record<string, Compression>> = { zst: "zstd", gzip: "gz" };

/** A compression method; yes is zstd. */
export const compression: ValueType<Compression, null> = scalar(
  {
    label: `a boolean or one of ${COMPRESSIONS.join(", ")}`,
    metavar: "ALG",
    schema: { enum: COMPRESSIONS },
    completion: { kind: "words", words: COMPRESSIONS },
    parse(text): Compression {
      const alias = COMPRESSION_ALIASES[text];
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

const artifactNames = list({
  ...words("artefacts", "ARTIFACT"),
  parse: (text) => parseChoice(text, ARTIFACTS),
} as ElementType<Artifact>);

/** Artefacts that are put beside the image; a boolean stands for the default ones with or without partitions. */
export const artifacts: ValueType<readonly Artifact[], readonly Artifact[]> = {
  ...artifactNames,
  completion: { kind: "words", words: ARTIFACTS },
  schema: { type: "array", items: { enum: ARTIFACTS } },
  parse(text, context) {
    const flag = text === "" ? undefined : tryBoolean(text);
    if (flag === undefined) return artifactNames.parse(text, context);
    const values = flag ? [...DEFAULT_ARTIFACTS, "partitions"] : DEFAULT_ARTIFACTS;
    return { type: "replace", items: values.map((value) => ({ value, offset: 0 })) };
  },
};

export interface KeySource {
  readonly type: string;
  readonly source: string;
}

/** Where a key or certificate comes from: `file`, `engine:NAME`, `provider:NAME`. */
export function keySource(kinds: readonly string[], metavar: string): ValueType<KeySource, KeySource> {
  const file: KeySource = { type: "file", source: "" };
  const type = scalar<KeySource, KeySource>(
    {
      label: `a source (${kinds.join(", ")})`,
      metavar,
      schema: {
        type: "object",
        properties: { Type: { enum: kinds }, Source: { type: "string" } },
        required: ["Type", "Source"],
      },
      completion: { kind: "words", words: kinds },
      parse(text) {
        const colon = text.indexOf(":");
        const kind = colon < 0 ? text : text.slice(0, colon);
        return { type: parseChoice(kind, kinds), source: colon < 0 ? "" : text.slice(colon + 1) };
      },
      json: (value) => ({ Source: value.source, Type: value.type }),
      print: (value) => (value.source === "" ? value.type : `${value.type}:${value.source}`),
    },
    file,
  );
  return {
    ...type,
    parse: (text, context) => (text === "" ? { type: "set", value: file } : type.parse(text, context)),
  };
}

export interface Credential {
  readonly name: string;
  /** The value, when it was written in the configuration. */
  readonly value: string | null;
  /** The file it is in (or that prints it, when executable), absolute. */
  readonly path: string | null;
}

/** Credentials: `NAME=VALUE`, a file, or a directory of files. */
export const credentials: ValueType<readonly Credential[], readonly Credential[]> = {
  label: "credentials (NAME=VALUE, a file or a directory of files)",
  metavar: "NAME=VALUE",
  shape: "list",
  unset: [],
  completion: { kind: "path" },
  schema: { type: "array", items: { type: "object", properties: { Name: { type: "string" } } } },
  parse(text, context) {
    if (text !== "" && !text.includes("=")) {
      return { type: "append", items: credentialFiles(text, context).map((value) => ({ value, offset: 0 })) };
    }
    const pieces = splitQuoted(text);
    if (pieces.length === 0) return reset;
    const items = pieces
      .filter((piece) => piece.text !== "")
      .map((piece) => {
        const equals = piece.text.indexOf("=");
        const name = (equals < 0 ? piece.text : piece.text.slice(0, equals)).trim();
        const value: Credential = { name, value: equals < 0 ? "" : piece.text.slice(equals + 1).trim(), path: null };
        return { value, offset: piece.offset };
      });
    return { type: "append", items };
  },
  json: (value) => value.map((entry) => ({ Name: entry.name, Path: entry.path, Value: entry.value })),
  print: (value) =>
    value
      .map((entry) => (entry.path === null ? `${entry.name}=${entry.value}` : `${entry.name} (${entry.path})`))
      .join("\n"),
};

function credentialFiles(text: string, context: ParseContext): Credential[] {
  const path = resolve(context.directory, text);
  if (!pathExists(path, context.directory)) {
    throw new ValueError(`“${text}” does not exist`, {
      remedy: "Write NAME=VALUE, or the path of a file or a directory of files.",
    });
  }
  const credential = (file: string): Credential => ({ name: basename(file), value: null, path: file });
  if (!statSync(path).isDirectory()) return [credential(path)];
  const files = readdirSync(path)
    .sort()
    .map((name) => join(path, name));
  return files
    .filter((file) => lstatSync(file).isFile() || !statSync(file, { throwIfNoEntry: false })?.isDirectory())
    .map(credential);
}

export interface Drive {
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  readonly directory: string | null;
  readonly options: string | null;
  readonly fileId: string;
  readonly flags: readonly "persist"[];
}

/** Elements `ID:SIZE[:DIRECTORY[:OPTIONS[:FILE_ID[:FLAGS]]]]`. */
export const drive: ElementType<Drive> = {
  label: "drives (ID:SIZE[:DIRECTORY[:OPTIONS[:FILE_ID[:FLAGS]]]])",
  metavar: "DRIVE",
  completion: { kind: "none" },
  schema: { type: "object", properties: { Id: { type: "string" }, Size: { type: "integer" } } },
  parse(text, context) {
    const parts = text.split(":");
    const [id = "", size, directory, options, fileId, flags] = parts;
    if (parts.length > 6) throw new ValueError(`The drive “${text}” has more than six parts`);
    if (size === undefined)
      throw new ValueError(`The drive “${text}” has no size`, { remedy: "Write ID:SIZE, like data:10G." });
    if (!isFileName(id)) throw new ValueError(`“${id}” cannot be the id of a drive`);
    return {
      id,
      size: parseBytes(size),
      directory: directory ? parsePath(directory, context) : null,
      options: options || null,
      fileId: fileId || id,
      flags: flags ? flags.split(",").map((flag) => parseChoice(flag, ["persist"])) : [],
    };
  },
  json: (value) => ({
    Directory: value.directory,
    FileId: value.fileId,
    Flags: value.flags,
    Id: value.id,
    Options: value.options,
    Size: value.size,
  }),
  print: (value) => `${value.id}:${printBytes(value.size)}`,
};

/** Regular expressions for files; they are kept as `re:…` beside the globs of the newer settings. */
export const fileExpressions: ElementType<string> = {
  ...words("regular expressions", "REGEX"),
  parse: (text) => (text === "default" || text === "host" ? text : `re:${text}`),
};

export interface UkiProfile {
  readonly profile: StringMap;
  readonly cmdline: readonly string[];
  readonly signExpectedPcr: boolean;
}

/** Elements that are files with a [UKIProfile] section. */
export const ukiProfiles: ElementType<UkiProfile> = {
  label: "UKI profile files",
  metavar: "PATH",
  completion: { kind: "path" },
  schema: {
    type: "object",
    properties: { Profile: { type: "object" }, Cmdline: { type: "array" }, SignExpectedPcr: { type: "boolean" } },
  },
  parse(text, context) {
    const profile: Record<string, string> = {};
    let cmdline: string[] = [];
    let signExpectedPcr = true;
    const file = parsePath(text, context);
    for (const { key, value } of context.readSection(file, "UKIProfile", ["Profile", "Cmdline", "SignExpectedPcr"])) {
      if (key === "SignExpectedPcr") signExpectedPcr = value === "" ? true : parseBoolean(value);
      else if (key === "Cmdline")
        cmdline = value === "" ? [] : [...cmdline, ...splitAtBlanks(value).map((piece) => piece.text)];
      else {
        for (const line of value.split("\n").filter((entry) => entry !== "")) {
          const [name = "", ...rest] = line.split("=");
          profile[name.trim()] = rest.join("=").trim();
        }
      }
    }
    return { profile, cmdline, signExpectedPcr };
  },
  json: (value) => ({ Cmdline: value.cmdline, Profile: value.profile, SignExpectedPcr: value.signExpectedPcr }),
  print: (value) => value.profile["ID"] ?? JSON.stringify(value.profile),
};

/** The oldest version of this program that understands the configuration; of several the newest counts. */
export const minimumVersion: ValueType<string, null> = {
  ...scalar({ label: "a version", metavar: "VERSION", schema: { type: "string" }, parse: (text) => text }, null),
  parse(text, context) {
    const previous = typeof context.previous === "string" ? context.previous : undefined;
    if (text === "") return previous === undefined ? reset : { type: "set", value: previous };
    if (text.startsWith("commit:")) {
      throw new ValueError(`“${text}” asks for a commit of the original mkosi, which this program has no history of`, {
        remedy: "Name a version instead, like 27.",
      });
    }
    if (compareVersions(text, VERSION) > 0) {
      throw new ValueError(`This configuration needs version ${text} or newer, and this is ${VERSION}`, {
        remedy: "Install a newer version.",
      });
    }
    const newer = previous === undefined || compareVersions(text, previous) > 0;
    return { type: "set", value: newer ? text : previous };
  },
};
