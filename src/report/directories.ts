// Makes the directories that the program writes to, with an explanation when it cannot.

import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Failure, type Origin } from "./failure.ts";

/**
 * Makes a directory and those above it, where they are missing.
 * @param setting what names the directory, for the message: `OutputDirectory=`
 * @param origin where that was set
 * @throws {Failure} when it cannot be made, is no directory, or cannot be written
 */
export function makeWritableDirectory(path: string, setting: string, origin?: Origin): void {
  try {
    makeDirectory(path);
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Failure(`${path} cannot be used as ${setting}: ${problemOf(cause)}`, {
      origin,
      remedy: `set ${setting} to a directory that you may write to`,
      cause,
    });
  }
}

/**
 * Makes a directory and those above it, where they are missing. (Node's own `recursive` never returns for paths in
 * /proc and in deleted directories, and says ENOENT when the disk is full.)
 */
export function makeDirectory(path: string): void {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status?.isDirectory() === true) return;
  if (status !== undefined) throw Object.assign(new Error("it is not a directory"), { code: "ENOTDIR" });
  if (dirname(path) !== path) makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have been faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOTDIR: "it is not a directory, or one above it is not",
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  EROFS: "the file system is read-only",
  ENOENT: "nothing can be made there",
  ENOSPC: "there is no space left",
};

function problemOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return PROBLEMS[code ?? ""] ?? message;
}
