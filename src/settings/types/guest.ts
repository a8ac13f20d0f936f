// What a container or machine is given when it runs: credentials and drives.

import { basename, join, resolve } from "node:path";
import { strip } from "../../formats/white-space.ts";
import { parseChoice } from "./choice.ts";
import { isDirectory, namesIn } from "./files.ts";
import { parseBytes, printBytes } from "./number.ts";
import { parsePath, pathExists } from "./path.ts";
import { splitQuoted } from "./split.ts";
import { isFileName } from "./text.ts";
import { type ElementType, type ParseContext, reset, ValueError, type ValueType } from "./value.ts";

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
  separators: "quoted",
  unset: [],
  completion: { kind: "path" },
  schema: {
    type: "array",
    items: {
      type: "object",
      properties: {
        Name: { type: "string" },
        Path: { type: ["string", "null"] },
        Value: { type: ["string", "null"] },
      },
      required: ["Name"],
      additionalProperties: false,
    },
  },
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
        const name = strip(equals < 0 ? piece.text : piece.text.slice(0, equals));
        const value: Credential = { name, value: equals < 0 ? "" : strip(piece.text.slice(equals + 1)), path: null };
        return { value, offset: piece.offset };
      });
    return { type: "append", items };
  },
  json: (value) => value.map((entry) => ({ Name: entry.name, Path: entry.path, Value: entry.value })),
  fromJson: (json) =>
    (json as readonly { Name: string; Path?: string | null; Value?: string | null }[]).map((entry) => ({
      name: entry.Name,
      value: entry.Value ?? null,
      path: entry.Path || null,
    })),
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
  if (!isDirectory(path)) return [credential(path)];
  const files = namesIn(path).map((name) => join(path, name));
  return files.filter((file) => !isDirectory(file)).map(credential);
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
  schema: {
    type: "object",
    properties: {
      Directory: { type: ["string", "null"] },
      FileId: { type: "string" },
      Flags: { type: "array", items: { enum: ["persist"] } },
      Id: { type: "string" },
      Options: { type: ["string", "null"] },
      // a text is read as in the configuration: "10G"
      Size: { type: ["integer", "string"] },
    },
    required: ["Id", "Size"],
    additionalProperties: false,
  },
  parse(text, context) {
    const parts = text.split(":");
    const [id = "", size, directory, options, fileId, flags] = parts;
    if (parts.length > 6) throw new ValueError(`the drive “${text}” has more than six parts`);
    if (size === undefined)
      throw new ValueError(`the drive “${text}” has no size`, { remedy: "Write ID:SIZE, like data:10G." });
    return {
      id: driveId(id),
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
  fromJson(json) {
    const value = json as Partial<Record<"Directory" | "FileId" | "Options", string | null>> & {
      Id: string;
      Size: number | string;
      Flags?: readonly "persist"[];
    };
    return {
      id: driveId(value.Id),
      size: typeof value.Size === "string" ? parseBytes(value.Size) : value.Size,
      directory: value.Directory || null,
      options: value.Options ?? null,
      fileId: value.FileId ?? value.Id,
      flags: value.Flags ?? [],
    };
  },
  print: (value) => `${value.id}:${printBytes(value.size)}`,
};

function driveId(id: string): string {
  if (!isFileName(id)) throw new ValueError(`“${id}” cannot be the id of a drive`);
  return id;
}
