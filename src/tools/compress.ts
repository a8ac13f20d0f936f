// The compressors of outputs, as commands that read standard input and write standard output.

import { rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { bind } from "../sandbox/spec.ts";
import type { ImageContext } from "./context.ts";
import { hasTool, requireTool, runTool } from "./tool.ts";

export type Compressor = "zstd" | "xz" | "gz" | "bz2" | "lz4" | "lzma";

const EXTENSIONS: Readonly<Record<Compressor, string>> = {
  zstd: "zst",
  xz: "xz",
  gz: "gz",
  bz2: "bz2",
  lz4: "lz4",
  lzma: "lzma",
};

/** `zst` for zstd and so on, without the dot. */
export function compressionExtension(compressor: Compressor): string {
  return EXTENSIONS[compressor];
}

/**
 * The filter command for a compressor, with as many threads as there are processors where it has some. The output
 * does not depend on their number. @throws {Failure} when its program is not in the toolbox
 */
export function compressorCommand(context: ImageContext, compressor: Compressor): readonly string[] {
  const command = commandLine(context, compressor);
  requireTool(context, command[0] ?? compressor, `to compress with ${compressor}`);
  return command;
}

function commandLine(context: ImageContext, compressor: Compressor): string[] {
  const level = context.image.config.compressLevel;
  switch (compressor) {
    case "zstd":
      return ["zstd", "-q", ...(level > 19 ? ["--ultra"] : []), `-${level}`, "-T0", "-c"];
    case "xz":
      // The kernel knows no other checksum in an initrd.
      return ["xz", "--check=crc32", `-${level}`, "-T0", "-c"];
    case "gz":
      return [hasTool(context.toolbox, "pigz") ? "pigz" : "gzip", "--no-name", `-${level}`, "-c"];
    case "bz2":
      return ["bzip2", `-${level}`, "-c"];
    case "lz4":
      return ["lz4", "-q", `-${level}`, "-c"];
    case "lzma":
      return ["xz", "--format=lzma", `-${level}`, "-c"];
  }
}

/**
 * Compresses a file into one beside it with the compressor's extension, and removes the original.
 * @returns the new file's path
 * @throws {Failure} {CommandFailure}
 */
export async function compressFile(context: ImageContext, path: string, compressor: Compressor): Promise<string> {
  const output = `${path}.${compressionExtension(compressor)}`;
  const inside = (file: string) => join("/work", basename(file));
  await runTool(context, {
    argv: shellRedirect(compressorCommand(context, compressor), inside(path), inside(output)),
    mounts: [bind(dirname(path), "/work")],
  });
  await stat(output);
  await rm(path);
  return output;
}

/** A command with its standard input and output from and to files inside the sandbox. */
function shellRedirect(command: readonly string[], input: string, output: string): string[] {
  return ["sh", "-c", 'in=$1 out=$2; shift 2; exec "$@" <"$in" >"$out"', "sh", input, output, ...command];
}
