// Where in the tree the programs of systemd-image.ts, firstboot.ts, locale-gen.ts and boot/depmod.ts look, for
// Step.looksAt. Each place stands for all paths that begin with it.

import { dirname } from "node:path";
import type { TreeContext } from "./context.ts";
import { listInside, readInside } from "./inside.ts";
import { generatesLocales } from "./locale-gen.ts";
import { magicIn, type Places, placesBelow, placesOfPattern, union } from "./looked-at.ts";

/** Configuration of one kind may lie in all of these. */
const CONFIGURATION = ["etc", "run", "usr/local/lib", "usr/lib"];

const everywhere = (name: string) => CONFIGURATION.map((directory) => `${directory}/${name}`);

const PLACES: readonly string[] = [
  ...["sysusers.d", "tmpfiles.d", "systemd", "depmod.d", "udev/hwdb.d", "udev/hwdb.bin"].flatMap(everywhere),
  // Units of users, and which keyboards are called what.
  ...["usr/share/systemd", "usr/local/share/systemd"],
  ...["etc/passwd", "etc/group", "etc/shadow", "etc/gshadow", "etc/subuid", "etc/subgid", "etc/login.defs"],
  ...["etc/os-release", "usr/lib/os-release", "etc/initrd-release", "usr/lib/initrd-release", "etc/machine-id"],
  ...[
    "etc/locale.conf",
    "etc/locale.gen",
    "etc/vconsole.conf",
    "etc/hostname",
    "etc/localtime",
    "etc/adjtime",
    "etc/default",
  ],
  ...["etc/X11/xorg.conf.d", "usr/share/zoneinfo", "usr/lib/credstore", "usr/lib/locale"],
  ...["usr/share/kbd", "usr/lib/kbd", "usr/share/keymaps"],
  ...["usr/lib/modules", "usr/lib/firmware", "usr/bin/systemd-hwdb"],
  // Shells of users.
  ...["usr/bin/bash", "usr/bin/sh", "usr/sbin/nologin", "usr/bin/nologin"],
];

/** Where they look in this tree; undefined: everywhere. */
export async function systemdReads({ root, image }: TreeContext): Promise<Places> {
  // It runs the image's own programs.
  if (await generatesLocales(root)) return undefined;
  const { rootShell } = image.config;
  const paths = [...rulesIn(root, "sysusers.d").flatMap(userPaths), ...rulesIn(root, "tmpfiles.d").flatMap(rulePaths)];
  return union([
    placesBelow(root, [...PLACES, ...(rootShell === null ? [] : [rootShell])]),
    ...[...new Set(paths)].map((path) => placesOfPattern(root, path)),
  ]);
}

/** The texts of all configuration files of a kind, also of those that others replace. */
function rulesIn(root: string, kind: string): readonly string[] {
  return everywhere(kind).flatMap((directory) =>
    listInside(root, directory)
      .filter(({ name }) => name.endsWith(".conf"))
      .map(({ name }) => readInside(root, `${directory}/${name}`) ?? ""),
  );
}

/**
 * All that may be a path in the lines of a file by sysusers.d(5): files whose owners give ids, shells. Home directories,
 * many of which are as large as `/`, are written down and not looked at.
 */
export function userPaths(text: string): readonly string[] {
  return linesOf(text).flatMap((line) => wordsOf(line).filter((word, index) => word.startsWith("/") && index !== HOME));
}

const HOME = 4;

/**
 * All that may be a path in the lines of a file by tmpfiles.d(5), whatever field it is in: where rules act, what they copy
 * or link to. Up to escapes they are without quotation marks.
 */
export function rulePaths(text: string): readonly string[] {
  return linesOf(text).flatMap((line) => {
    const words = wordsOf(line);
    const [type = "", target = ""] = words;
    // The last field is what is left of the line, with its blanks and quotation marks.
    const plain = line
      .trim()
      .split(/\s+/)
      .filter((word) => magicIn(word) > 0);
    const paths = [...new Set([...words, ...plain])].filter((word) => word.includes("/"));
    const all = paths.flatMap((path) => (path.startsWith("/") ? path : [`${dirname(target)}/${path}`, `/${path}`]));
    return /^[CL]/.test(type) ? [...all, `/usr/share/factory/${target}`] : all;
  });
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => /^\s*[^\s#]/.test(line));
}

const QUOTED = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/;
const WORD = new RegExp(`(?:${QUOTED.source}|\\\\.|[^\\s"'\\\\])+`, "g");

/** Quotation marks may be anywhere in a word, as in a shell. */
function wordsOf(line: string): readonly string[] {
  const unquoted = new RegExp(QUOTED, "g");
  return [...line.matchAll(WORD)].map(([word]) =>
    word.replace(unquoted, (_, double?: string, single?: string) => double ?? single ?? ""),
  );
}
