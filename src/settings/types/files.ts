// Looks at files that may be missing, unreadable or loops of symlinks, without ever ending in a system error.

import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats, statSync } from "node:fs";
import { compareCodePoints } from "../../formats/code-points.ts";
import { ValueError } from "./value.ts";

/** What is at a path, following symlinks; undefined when nothing can be seen there. */
export function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Why nothing can be seen at a path although something is there, to be read after its name; undefined: nothing is. */
export function whyUnseen(path: string): string | undefined {
  try {
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) return undefined;
    const link = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return link ? `is a symbolic link to ${readlinkSync(path)}, which does not exist` : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ELOOP") return "is a loop of symbolic links";
    return code === undefined || code === "ENOTDIR" ? undefined : `cannot be read (${code})`;
  }
}

/** What may be at a path; devices and the like are `other`. */
export type Kind = "file" | "directory" | "other";

export function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): Kind {
  return entry.isFile() ? "file" : entry.isDirectory() ? "directory" : "other";
}

/** Whether a path is a directory, following symlinks. */
export function isDirectory(path: string): boolean {
  return lookAt(path)?.isDirectory() ?? false;
}

/** Whether a path is a regular file, following symlinks. */
export function isFile(path: string): boolean {
  return lookAt(path)?.isFile() ?? false;
}

/** Why a path cannot be read as a file, to be read after its name; undefined: it can. @throws what the system says */
export function fileProblem(path: string): string | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return "does not exist";
  if (status.isDirectory()) return "is a directory";
  return status.isFile() ? undefined : "is not a regular file";
}

/** The sorted names in a directory. @throws {ValueError} when it cannot be read */
export function namesIn(directory: string): string[] {
  return attempt(directory, () => readdirSync(directory).sort(compareCodePoints));
}

/**
 * The sorted names in a directory, with what is there, following symlinks; undefined: a link to nothing. What the
 * directory tells already is not looked at once more. @throws {ValueError} when it cannot be read
 */
export function entriesIn(directory: string): { readonly name: string; readonly kind: Kind | undefined }[] {
  const entries = attempt(directory, () => readdirSync(directory, { withFileTypes: true }));
  entries.sort((left, right) => compareCodePoints(left.name, right.name));
  return entries.map((entry) => {
    const known = kindOf(entry);
    if (known !== "other") return { name: entry.name, kind: known };
    const stat = lookAt(`${directory}/${entry.name}`);
    return { name: entry.name, kind: stat && kindOf(stat) };
  });
}

/**
 * The text of a file.
 * @throws {ValueError} when it cannot be read; when it is something that might have no end, like a FIFO; on a NUL
 * character, which no text has
 */
export function readText(path: string): string {
  const text = attempt(path, () => {
    const stat = statSync(path);
    // what is masked with a link to /dev/null is empty
    if (stat.isCharacterDevice() && stat.rdev === NULL_DEVICE) return "";
    if (!stat.isFile()) throw new ValueError(`${path} is not a file`, { remedy: "Make it a text file, or remove it." });
    return readFileSync(path, "utf8");
  });
  return checkText(path, text);
}

/** The text that a file holds or prints. @throws {ValueError} when there is a NUL character in it */
export function checkText(path: string, text: string): string {
  const nul = text.indexOf("\0");
  if (nul < 0) return text;
  const line = text.slice(0, nul).split("\n").length;
  throw new ValueError(`${path} is not text: line ${line} holds a NUL character`, { remedy: "Remove it." });
}

/** The number of the device /dev/null: major 1, minor 3. */
const NULL_DEVICE = 0x103;

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ValueError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ValueError(`${path} cannot be read (${code})`, {
      remedy: "Make it readable for this user, or remove it.",
    });
  }
}
