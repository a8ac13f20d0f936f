// A profile or a sub-image gets another name: its file or directory, and every place of the project that names it.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { CONDITION_SECTIONS } from "../config/conditions.ts";
import { SECTIONS } from "../config/load.ts";
import { projectFiles } from "../config/project-files.ts";
import { readConfigFile } from "../config/source.ts";
import { Failure } from "../report/failure.ts";
import { namesOf } from "./definition.ts";
import type { Place } from "./place.ts";

/** A piece of a line; line and character from 0. */
export interface Piece {
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

export interface Renaming {
  readonly edits: ReadonlyMap<string, readonly Piece[]>;
  readonly files: readonly { readonly from: string; readonly to: string }[];
}

/** Whether the word at a place is the name of a profile or an image, which can be changed. */
export function canRename(place: Place): boolean {
  return place.what === "value" && place.word !== "" && namesOf(place.key) !== undefined && !FIXED.has(place.word);
}

const ALL: ReadonlySet<string> = new Set([...SECTIONS, ...CONDITION_SECTIONS]);

const FIXED: ReadonlySet<string> = new Set(["main", "tools", "default-initrd"]);

/** What changes in a project. @throws {Failure} when there is nothing of that name, or the new one is taken or no name */
export function renaming(place: Place, name: string, root: string): Renaming {
  const directory = namesOf(place.key);
  if (directory === undefined || !canRename(place))
    throw new Failure(`“${place.word}” is no name of a profile or an image`);
  if (!/^[A-Za-z0-9][\w.+-]*$/.test(name) || FIXED.has(name) || name.endsWith(".conf"))
    throw new Failure(`“${name}” cannot be the name of a profile or an image`, {
      remedy: "letters, digits, dots, dashes and underscores are allowed",
    });
  const paths = projectFiles(root).flatMap(({ path, dialect }) => (dialect === "config" ? [path] : []));
  const files = placesOf(paths, directory, place.word).map((from) => ({
    from,
    to: join(dirname(from), from.endsWith(".conf") ? `${name}.conf` : name),
  }));
  if (files.length === 0) throw new Failure(`there is no ${directory}/${place.word} in ${root}`);
  const taken = files.flatMap(({ from, to }) => [
    to,
    from.endsWith(".conf") ? to.slice(0, -".conf".length) : `${to}.conf`,
  ]);
  const there = taken.find((path) => existsSync(path));
  if (there !== undefined) throw new Failure(`${there} exists already`, { remedy: "choose another name" });
  const edits = new Map(paths.flatMap((path) => entryFor(path, referencesIn(path, directory, place.word))));
  return { edits, files };
}

function entryFor(path: string, pieces: readonly Piece[]): (readonly [string, readonly Piece[]])[] {
  return pieces.length === 0 ? [] : [[path, pieces]];
}

/** The files and directories of the name; mkosi.presets is the former name of mkosi.images. */
function placesOf(paths: readonly string[], directory: string, name: string): string[] {
  const parents = directory === "mkosi.images" ? [directory, "mkosi.presets"] : [directory];
  const found = paths.flatMap((path) => {
    const parts = path.split("/");
    return parts.flatMap((part, index) =>
      parents.includes(part) && (parts[index + 1] === name || parts[index + 1] === `${name}.conf`)
        ? [parts.slice(0, index + 2).join("/")]
        : [],
    );
  });
  return [...new Set(found)];
}

function referencesIn(path: string, directory: string, name: string): Piece[] {
  const file = readConfigFile(path);
  if (file === undefined || "problem" in file) return [];
  // the tools tree and the default initrd have profiles of their own
  if (directory === "mkosi.profiles" && /\/mkosi\.(?:tools|initrd)\.conf(?:\/|$)/.test(path)) return [];
  return file.sections(ALL).flatMap(({ name: section, items }) =>
    items.flatMap((item) => {
      if (item.kind !== "entry") return [];
      const named = namesOf(item.key) === directory && (item.key !== "Image" || CONDITION_SECTIONS.has(section));
      return item.lines.flatMap(({ text, line, column }) => {
        const words = [...text.matchAll(/[^\s,]+/g)].map((match) => ({ word: match[0], at: match.index }));
        return words.flatMap(({ word, at }): Piece[] => {
          const within = named ? nameIn(word, name) : directory === "mkosi.images" ? outputIn(word, name) : undefined;
          if (within === undefined) return [];
          const start = column - 1 + at + within;
          return [{ line: line - 1, start, end: start + name.length }];
        });
      });
    }),
  );
}

/** Where a word is the name, behind the signs of a condition. */
function nameIn(word: string, name: string): number | undefined {
  const signs = /^[|!]*/.exec(word)?.[0].length ?? 0;
  return word.slice(signs) === name ? signs : undefined;
}

/** Where a word names the image's output, which is called like the image: `%O/NAME`, with an extension or a target. */
function outputIn(word: string, name: string): number | undefined {
  return word.startsWith(`%O/${name}`) && /^(?:[.:/]|$)/.test(word.slice(3 + name.length)) ? 3 : undefined;
}
