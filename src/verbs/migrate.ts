// `mkosi migrate`: brings a project of a former version's dialect to today's. It shows what would change; with --write it
// changes it.

import { existsSync, readFileSync, renameSync, rmdirSync, statSync, unlinkSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { createTwoFilesPatch } from "diff";
import { configDirectoryOf } from "../config/load-project.ts";
import { type MigrationNote, migrateText } from "../config/migrate.ts";
import { projectFiles } from "../config/project-files.ts";
import { GONE_FILES } from "../facts/gone.ts";
import { Failure } from "../report/failure.ts";
import { print, printError } from "../report/print.ts";
import { writeWhole } from "../report/whole-file.ts";
import { isDirectory, isFile, namesIn } from "../settings/types/files.ts";
import type { Verb } from "./verb.ts";

/** A file that changes its text, its name, or both. */
interface Change {
  readonly from: string;
  readonly to: string;
  readonly before: string;
  readonly after: string;
}

interface Plan {
  readonly changes: readonly Change[];
  /** Directories that get another name when their files are written. */
  readonly directories: readonly { readonly from: string; readonly to: string }[];
  /** What a person has to look at: PLACE: MESSAGE. */
  readonly notes: readonly string[];
}

export const verb: Verb = {
  needsNamespace: false,
  async run({ args }) {
    if (args.directory === undefined)
      throw new Failure('with -C "" there is no project that could be migrated', {
        remedy: "Name the project with -C.",
      });
    const { changes, directories, notes } = planFor(args.directory);
    const short = (path: string): string => relative(args.directory ?? "", path);
    if (!args.quiet) {
      for (const { from, to, before, after } of changes)
        print(
          before === after
            ? `rename ${short(from)} → ${short(to)}`
            : createTwoFilesPatch(`a/${short(from)}`, `b/${short(to)}`, before, after, undefined, undefined, {
                context: 3,
              }),
        );
      for (const { from, to } of directories) print(`rename ${short(from)} → ${short(to)}`);
    }
    for (const note of notes) printError(note);
    if (changes.length + directories.length === 0) {
      if (!args.quiet) printError("Everything is in today's dialect already.");
      return;
    }
    if (args.write) await carryOut(changes, directories);
    else if (!args.quiet) printError("Nothing is changed yet: mkosi migrate --write does it.");
  },
};

function planFor(directory: string): Plan {
  const place = existsSync(join(directory, "mkosi.default")) ? directory : configDirectoryOf(directory);
  const notes: string[] = [];
  const changes: Change[] = [];
  const add = (from: string, to: string, prefix = ""): void => {
    const before = readFileSync(from, "utf8");
    const { text, notes: found } = migrateText(before);
    notes.push(...found.map(({ line, message }: MigrationNote) => `${relative(directory, from)}:${line}: ${message}`));
    if (from !== to && existsSync(to)) {
      notes.push(
        `${relative(directory, from)}: ${relative(directory, to)} exists already; put the two together yourself`,
      );
      return;
    }
    if (from !== to || text !== before) changes.push({ from, to, before, after: `${prefix}${text}` });
  };
  for (const { path, dialect } of projectFiles(directory)) if (dialect === "config") add(path, path);
  const main = join(place, "mkosi.default");
  if (isFile(main)) add(main, join(place, "mkosi.conf"));
  const dropIns = join(place, "mkosi.default.d");
  if (isDirectory(dropIns)) {
    for (const name of namesIn(dropIns)) {
      const path = join(dropIns, name);
      if (isFile(path)) add(path, join(place, "mkosi.conf.d", confName(name)));
      // a directory with a distribution's name was read for that one only
      else if (isDirectory(path))
        for (const inner of namesIn(path))
          add(
            join(path, inner),
            join(place, "mkosi.conf.d", `${name}-${confName(inner)}`),
            `[Match]\nDistribution=${name}\n\n`,
          );
    }
  }
  const presets = join(place, "mkosi.presets");
  const images = join(place, "mkosi.images");
  const directories = isDirectory(presets) && !existsSync(images) ? [{ from: presets, to: images }] : [];
  for (const [name, remedy] of Object.entries(GONE_FILES)) {
    const handled = ["mkosi.default", "mkosi.default.d", ...(directories.length > 0 ? ["mkosi.presets"] : [])];
    if (!handled.includes(name) && existsSync(join(place, name))) notes.push(`${name}: ${remedy}`);
  }
  return { changes, directories, notes };
}

function confName(name: string): string {
  return name.endsWith(".conf") ? name : `${basename(name)}.conf`;
}

/** Every file is written under its new name before its old one goes. @throws {Failure} naming what could not be written */
async function carryOut(changes: readonly Change[], directories: Plan["directories"]): Promise<void> {
  for (const { from, to, before, after } of changes) {
    try {
      if (readFileSync(from, "utf8") !== before) throw new Error("it has changed meanwhile");
      await mkdir(dirname(to), { recursive: true });
      await writeWhole(to, after, { mode: statSync(from).mode & 0o7777 });
      if (from !== to) unlinkSync(from);
    } catch (cause) {
      throw new Failure(`${from} cannot be migrated: ${(cause as Error).message}`, {
        remedy: "make its directory writable for this user, and run mkosi migrate again for the rest",
        cause,
      });
    }
  }
  for (const { from, to } of directories) renameSync(from, to);
  const emptied = new Set(changes.flatMap(({ from, to }) => (dirname(from) === dirname(to) ? [] : [dirname(from)])));
  for (const directory of [...emptied].sort((left, right) => right.length - left.length)) {
    for (const place of [directory, dirname(directory)])
      if (place.includes("mkosi.default.d") && isDirectory(place) && namesIn(place).length === 0) rmdirSync(place);
  }
}
