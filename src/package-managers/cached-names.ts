// The names of packages that the repositories' metadata in the package cache tell of: what editors offer. Nothing is
// downloaded for it; where no build has fetched metadata yet, there are no names.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import zlib from "node:zlib";
import type { Config } from "../settings/index.ts";

type Reader = (content: Buffer) => Iterable<string>;

/** Where each package manager keeps them, below the cache: `*` for the parts that differ, SET for `DISTRIBUTION~RELEASE~…`. */
const PLACES: readonly (readonly [path: readonly string[], file: RegExp, names: Reader])[] = [
  [["apt", "SET", "lists"], /_Packages$/, (content) => fields(content, "Package: ")],
  [["dnf", "SET", "*", "repodata"], /primary\.xml(\.\w+)?$/, inXml],
  [["zypper", "SET", "raw", "*", "repodata"], /primary\.xml(\.\w+)?$/, inXml],
  [["pacman", "SET"], /\.db$/, inPacmanDatabase],
  [["pacman", "SET", "sync"], /\.db$/, inPacmanDatabase],
  [["apk", "SET"], /^APKINDEX.*\.tar\.gz$/, (content) => fields(content, "P:")],
];

const kept = new Map<string, { readonly stamp: string; readonly names: readonly string[] }>();

/**
 * The sorted names for an image's distribution and release.
 * @param cache the package cache directory, on the host
 */
export function cachedPackageNames(
  cache: string,
  { distribution, release }: Pick<Config, "distribution" | "release">,
): string[] {
  const names = new Set<string>();
  for (const [path, file, read] of PLACES) {
    for (const directory of directoriesAt(cache, path, `${distribution}~${release}~`))
      for (const entry of entriesOf(directory))
        if (file.test(entry)) for (const name of namesIn(join(directory, entry), read)) names.add(name);
  }
  return [...names].sort();
}

function directoriesAt(cache: string, path: readonly string[], set: string): string[] {
  let places = [cache];
  for (const part of path) {
    places = places.flatMap((place) => {
      if (part !== "*" && part !== "SET") return [join(place, part)];
      return entriesOf(place)
        .filter((name) => part === "*" || name.startsWith(set))
        .map((name) => join(place, name));
    });
  }
  return places;
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function namesIn(path: string, read: Reader): readonly string[] {
  try {
    const { mtimeMs, size } = statSync(path);
    const stamp = `${mtimeMs}:${size}`;
    const known = kept.get(path);
    if (known?.stamp === stamp) return known.names;
    const names = [...read(unpacked(readFileSync(path)))];
    kept.set(path, { stamp, names });
    return names;
  } catch {
    // half a download, or a compression that this Node does not know: no names
    return [];
  }
}

/** gzip and zstd by their first bytes; anything else is as it is. */
function unpacked(content: Buffer): Buffer {
  if (content.readUInt16BE(0) === 0x1f8b) return zlib.gunzipSync(content);
  // Node 22.15 and newer
  const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (content: Buffer) => Buffer };
  if (content.readUInt32LE(0) === 0xfd2fb528 && zstdDecompressSync !== undefined) return zstdDecompressSync(content);
  return content;
}

/** What follows a word at the beginning of lines. */
function* fields(content: Buffer, word: string): Generator<string> {
  const start = Buffer.from(`\n${word}`);
  if (content.subarray(0, word.length).toString("latin1") === word)
    yield content.toString("latin1", word.length, content.indexOf("\n"));
  for (let at = content.indexOf(start); at >= 0; at = content.indexOf(start, at + 1)) {
    const end = content.indexOf("\n", at + start.length);
    yield content.toString("latin1", at + start.length, end < 0 ? content.length : end);
  }
}

function* inXml(content: Buffer): Generator<string> {
  for (const [, name = ""] of content.toString("utf8").matchAll(/<package type="rpm">\s*<name>([^<]+)<\/name>/g))
    yield name;
}

/** A tar archive with a directory NAME-VERSION-RELEASE for each package. */
function* inPacmanDatabase(content: Buffer): Generator<string> {
  for (let at = 0; at + 512 <= content.length; ) {
    const name = content.toString("utf8", at, content.indexOf(0, at));
    if (name === "") return;
    const size = Number.parseInt(content.toString("latin1", at + 124, at + 136), 8) || 0;
    const [, packageName] = /^(.+)-[^-]+-[^-]+\/$/.exec(name) ?? [];
    if (packageName !== undefined) yield packageName;
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
