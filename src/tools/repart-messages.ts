// What systemd-repart says of the project's partition definitions, with the files' own names: why it has failed and by
// which of them, and which of their settings it has passed over.

import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Failure, type Origin } from "../report/failure.ts";
import type { CommandFailure } from "../sandbox/spawn.ts";
import type { ImageContext } from "./context.ts";
import { definitionsOf } from "./definition-files.ts";

/** Where it sees the directories, numbered from 0. */
export const DEFINITIONS = "/definitions";

/** How many of its last lines are shown where none of them has everything. */
const SHOWN = 5;
const NAMED = /^\/definitions\/(\d+)\/(.+?):(\d+): (.*)$/;
/** The number of a partition is that of its definition. */
const WORKED_ON = /\bfuture partition (\d+)/g;

/** @param definitions the directories, as it was given them */
export function explainRepart({ image }: ImageContext, error: CommandFailure, definitions: readonly string[]): Failure {
  // A full disk is nothing that a definition could be blamed for.
  if (error.details.remedy !== undefined) return error;
  const lines = linesOf(error.output);
  // The first one about a place says more than those that follow from it.
  const last = NAMED.exec(lines.at(-1) ?? "");
  const first = lines.find((line) => last !== null && line.startsWith(last[0].slice(0, -(last[4] ?? "").length)));
  const named = placeOf(first ?? "", definitions);
  const origin = named?.origin ?? guess(lines, definitionsOf(definitions));
  const of = origin === undefined ? "" : ` of ${basename(origin.path)}`;
  return new Failure(
    `image ${image.name}: systemd-repart cannot make the partition${of === "" ? "s" : of}${named === undefined ? "" : `: ${named.text}`}`,
    {
      origin: origin ?? image.origin("repartDirectories"),
      excerpt: named === undefined ? lines.slice(-SHOWN).join("\n") : undefined,
      remedy: "correct the definition; repart.d(5) says what may be in it",
      cause: named === undefined ? error : undefined,
    },
  );
}

/** Warns of what it did not understand, such as settings of a newer version: that an Encrypt= is ignored should be known. */
export function warnOfIgnored({ image, report }: ImageContext, printed: string, definitions: readonly string[]): void {
  const said = new Set<string>();
  for (const line of linesOf(printed)) {
    const named = placeOf(line, definitions);
    if (named === undefined) continue;
    const { path, line: number } = named.origin;
    said.add(`image ${image.name}: ${path}:${number}: ${named.text}`);
  }
  for (const text of said) report.warning(text);
}

type FileOrigin = Extract<Origin, { kind: "file" }>;

function placeOf(line: string, definitions: readonly string[]): { origin: FileOrigin; text: string } | undefined {
  const [, index, name = "", number, text = ""] = NAMED.exec(line) ?? [];
  const directory = definitions[Number(index ?? Number.NaN)];
  if (directory === undefined) return undefined;
  return { origin: { kind: "file", path: join(directory, name), line: Number(number), column: 1 }, text };
}

/** Which definition a message is about that names none: the one with what the message has in it, else the one at work. */
function guess(lines: readonly string[], definitions: readonly (readonly string[])[]): FileOrigin | undefined {
  const number = [...lines.join("\n").matchAll(WORKED_ON)].at(-1)?.[1];
  const current = number === undefined ? undefined : definitions[Number(number)];
  const settings = (current === undefined ? definitions : [current]).flat().flatMap(settingsIn);
  for (const message of lines.slice(-SHOWN).toReversed()) {
    const text = ` ${message.replaceAll("/buildroot/", "/")} `;
    const found = settings.find(({ words }) => words.some((word) => isIn(text, word)));
    if (found !== undefined) return found.origin;
  }
  return current?.[0] === undefined ? undefined : { kind: "file", path: current[0], line: 1, column: 1 };
}

function settingsIn(path: string): readonly { readonly origin: FileOrigin; readonly words: readonly string[] }[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.map((line, index) => ({
    origin: { kind: "file", path, line: index + 1, column: 1 },
    words: (/^\s*\w+\s*=(.*)/.exec(line)?.[1] ?? "").split(/[\s:,]+/).filter(isTelling),
  }));
}

/** Too many messages have one of the others in them. */
function isTelling(word: string): boolean {
  return word.length > 1 && !/^(?:\d+[KMGT]?|yes|no|true|false|on|off)$/i.test(word);
}

function isIn(message: string, word: string): boolean {
  for (let at = message.indexOf(word); at >= 0; at = message.indexOf(word, at + 1)) {
    if (/[\s'":,(]/.test(message[at - 1] ?? "") && /[\s'":,.)]/.test(message[at + word.length] ?? "")) return true;
  }
  return false;
}

/** What it printed, without empty lines, and without what a program has painted over. */
function linesOf(output: string): readonly string[] {
  return output
    .split("\n")
    .map((line) => line.replace(/.*\u0008/, "").trimEnd())
    .filter((line) => line !== "");
}
