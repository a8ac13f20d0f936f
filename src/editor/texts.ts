// The files that the language server works with: what is open in the editor as it is there, saved or not, all others as
// they are on the disk, and kept as long as they do not change.

import { statSync } from "node:fs";
import {
  type ConfigFile,
  configFile,
  readFromDisk,
  replaceTexts,
  textFromDisk,
  type UnreadableFile,
} from "../config/source.ts";

type Read = ConfigFile | UnreadableFile | undefined;

export interface OpenTexts {
  /** A text as it is in the editor, or undefined when it is closed there. */
  set(path: string, text: string | undefined): void;
  get(path: string): string | undefined;
  /** The path under which a file is open that was reached by another one; else the path itself. */
  nameOf(path: string): string;
  /** The text at a path, wherever it is; undefined when there is none. */
  read(path: string): string | undefined;
  /**
   * What follows reads a project once more. Files may have changed since, and are looked at once each, but not while
   * somebody types: then those of a moment ago are as they were, unless `changed` says otherwise.
   */
  beginReading(changed?: boolean): void;
  /** Files that are open, absolute. */
  paths(): string[];
}

/** Milliseconds. */
const MOMENT = 1000;

/** Takes over reading for the process. */
export function openTexts(): OpenTexts {
  const open = new Map<string, { readonly text: string; readonly file: Read }>();
  const kept = new Map<string, { readonly stamp: string; readonly file: Read }>();
  /** What was looked at since reading began. */
  const current = new Map<string, Read>();
  /** Open files by what they are on the disk, and other paths that lead to them, as through symbolic links. */
  const identities = new Map<string, string>();
  const links = new Map<string, string>();
  let looked = 0;
  const nameOf = (path: string): string => links.get(path) ?? path;
  const fromDisk = (path: string): Read => {
    const status = statusOf(path);
    if (status === undefined) return readFromDisk(path);
    const opened = identities.get(status.identity);
    if (opened !== undefined) links.set(path, opened);
    const known = kept.get(path);
    if (known?.stamp === status.stamp) return known.file;
    const file = readFromDisk(path);
    kept.set(path, { stamp: status.stamp, file });
    return file;
  };
  const read = (path: string): string | undefined => open.get(nameOf(path))?.text ?? textFromDisk(path);
  replaceTexts({
    file(path) {
      const buffer = open.get(path);
      if (buffer !== undefined) return buffer.file;
      if (!current.has(path)) current.set(path, fromDisk(path));
      const linked = open.get(nameOf(path));
      return linked === undefined ? current.get(path) : configFile(path, linked.text);
    },
    text: read,
  });
  return {
    set(path, text) {
      // what is on the disk counts from now on, or does not any more
      if (open.has(path) !== (text !== undefined)) looked = 0;
      if (text === undefined) open.delete(path);
      else open.set(path, { text, file: configFile(path, text) });
    },
    beginReading(changed = false) {
      const now = performance.now();
      if (!changed && looked > 0 && now - looked < MOMENT) return;
      looked = now;
      current.clear();
      links.clear();
      identities.clear();
      for (const path of open.keys()) {
        const identity = statusOf(path)?.identity;
        if (identity !== undefined) identities.set(identity, path);
      }
    },
    get: (path) => open.get(path)?.text,
    nameOf,
    read,
    paths: () => [...open.keys()],
  };
}

/** Which file is at a path, and what changes with its content; undefined when there is none. */
function statusOf(path: string): { readonly identity: string; readonly stamp: string } | undefined {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs, mode } = statSync(path, { bigint: true });
    return { identity: `${dev}:${ino}`, stamp: `${ino}:${size}:${mtimeNs}:${ctimeNs}:${mode}` };
  } catch {
    return undefined;
  }
}
