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
  let looked = 0;
  const fromDisk = (path: string): Read => {
    const stamp = stampOf(path);
    if (stamp === undefined) return readFromDisk(path);
    const known = kept.get(path);
    if (known?.stamp === stamp) return known.file;
    const file = readFromDisk(path);
    kept.set(path, { stamp, file });
    return file;
  };
  const read = (path: string): string | undefined => open.get(path)?.text ?? textFromDisk(path);
  replaceTexts({
    file(path) {
      const buffer = open.get(path);
      if (buffer !== undefined) return buffer.file;
      if (!current.has(path)) current.set(path, fromDisk(path));
      return current.get(path);
    },
    text: read,
  });
  return {
    set(path, text) {
      if (text === undefined) open.delete(path);
      else open.set(path, { text, file: configFile(path, text) });
    },
    beginReading(changed = false) {
      const now = performance.now();
      if (!changed && now - looked < MOMENT) return;
      looked = now;
      current.clear();
    },
    get: (path) => open.get(path)?.text,
    read,
    paths: () => [...open.keys()],
  };
}

/** What changes with a file; undefined when there is none. */
function stampOf(path: string): string | undefined {
  try {
    const { ino, size, mtimeNs, ctimeNs, mode } = statSync(path, { bigint: true });
    return `${ino}:${size}:${mtimeNs}:${ctimeNs}:${mode}`;
  } catch {
    return undefined;
  }
}
