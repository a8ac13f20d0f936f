// `mkosi fmt [FILE…]`: gives the configuration files of the project, or those that are named, their one layout. With
// --check nothing is written, and the exit status is 1 when something would be.

import { isUtf8 } from "node:buffer";
import { readFileSync, realpathSync, statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { layOutConfig } from "../config/layout.ts";
import { type Dialect, dialectOf, projectFiles } from "../config/project-files.ts";
import { layOutUnit } from "../config/unit-layout.ts";
import { ExitStatus, Failure } from "../report/failure.ts";
import { print } from "../report/print.ts";
import { writeWhole } from "../report/whole-file.ts";
import { isDirectory } from "../settings/types/files.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run({ args }) {
    const here = args.directory ?? process.cwd();
    const named = args.verbArguments.map((name) => resolve(here, name));
    if (named.length === 0 && args.directory === undefined)
      throw new Failure('with -C "" there is no project whose files could be laid out', {
        remedy: "Name the files.",
      });
    const files = named.length === 0 ? projectFiles(here) : named.flatMap(filesAt);
    let changed = 0;
    for (const { path, dialect } of files) {
      const before = textOf(path);
      const after = dialect === "definition" ? layOutUnit(before) : layOutConfig(before);
      if (after === before) continue;
      changed++;
      if (!args.check) await replace(path, before, after);
      if (!args.quiet) print(relative(process.cwd(), path));
    }
    if (args.check && changed > 0) throw new ExitStatus(1);
  },
};

function filesAt(path: string): { readonly path: string; readonly dialect: Dialect }[] {
  return isDirectory(path) ? projectFiles(path) : [{ path, dialect: dialectOf(path) }];
}

/** @throws {Failure} when it is no text that can be read */
function textOf(path: string): string {
  try {
    if (!statSync(path).isFile()) throw new Error("it is not a file");
    const bytes = readFileSync(path);
    if (!isUtf8(bytes) || bytes.includes(0)) throw new Error("it is not text");
    return bytes.toString("utf8");
  } catch (cause) {
    throw new Failure(`${path} cannot be read: ${(cause as Error).message}`, {
      remedy: "name configuration files, or a directory with some",
      cause,
    });
  }
}

/** A link stays, and so does the file's mode. @throws {Failure} also when somebody has changed it meanwhile */
async function replace(path: string, before: string, after: string): Promise<void> {
  if (textOf(path) !== before)
    throw new Failure(`${path} has changed while it was read`, { remedy: "run mkosi fmt again" });
  try {
    const real = realpathSync(path);
    await writeWhole(real, after, { mode: statSync(real).mode & 0o7777 });
  } catch (cause) {
    throw new Failure(`${path} cannot be written: ${(cause as Error).message}`, {
      remedy: "make its directory writable for this user",
      cause,
    });
  }
}
