// Where in the tree the programs of systemd-image.ts, firstboot.ts, locale-gen.ts and boot/depmod.ts look, for
// Step.looksAt. Each place stands for all paths that begin with it.

import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join, posix } from "node:path";
import type { TreeContext } from "./context.ts";
import { generatesLocales } from "./locale-gen.ts";
import { namesIn } from "./names-in.ts";

/** Configuration of one kind may lie in all of these. */
const CONFIGURATION = ["etc", "run", "usr/local/lib", "usr/lib"];

const everywhere = (name: string) => CONFIGURATION.map((directory) => `${directory}/${name}`);

const PLACES: readonly string[] = [
  ...["sysusers.d", "tmpfiles.d", "systemd", "depmod.d", "udev/hwdb"].flatMap(everywhere),
  ...["etc/passwd", "etc/group", "etc/shadow", "etc/gshadow", "etc/subuid", "etc/subgid", "etc/login.defs"],
  ...["etc/os-release", "usr/lib/os-release", "etc/initrd-release", "usr/lib/initrd-release", "etc/machine-id"],
  ...["etc/locale", "etc/vconsole.conf", "etc/hostname", "etc/localtime", "etc/adjtime", "etc/default"],
  ...["etc/X11/xorg.conf.d", "usr/share/zoneinfo", "usr/lib/credstore"],
  ...["usr/lib/modules", "usr/lib/firmware", "usr/bin/systemd-hwdb"],
  // Shells of users.
  ...["usr/bin/bash", "usr/bin/sh", "usr/sbin/nologin", "usr/bin/nologin"],
];

/** Where they look in this tree; undefined: everywhere. */
export async function systemdReads({ root, image }: TreeContext): Promise<readonly string[] | undefined> {
  // It runs the image's own programs.
  if (await generatesLocales(root)) return undefined;
  const places = new Set(PLACES);
  if (image.config.rootShell !== null) places.add(image.config.rootShell);
  for (const directory of everywhere("tmpfiles.d")) {
    for (const name of namesIn(join(root, directory)).filter((name) => name.endsWith(".conf"))) {
      for (const path of tmpfilesPaths(readFileSync(join(root, directory, name), "utf8"))) {
        const start = path.slice(0, firstMagic(path)).replace(/^\/+/, "");
        places.add(start);
        places.add(resolveLinks(root, start));
      }
    }
  }
  return [...places].some((place) => place === "") ? undefined : withoutCovered([...places]);
}

/** The paths that the lines of a file by tmpfiles.d(5) act on, and those that they copy from. */
export function tmpfilesPaths(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => {
    const [type = "", path = "", ...rest] = line.trim().match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
    if (type === "" || type.startsWith("#")) return [];
    const [target, source] = [unquote(path), unquote(rest[4] ?? "-")];
    if (!type.startsWith("C")) return [target];
    return [target, source === "-" ? posix.join("/usr/share/factory", target) : source];
  });
}

function unquote(field: string): string {
  return field.startsWith('"') ? field.slice(1, -1) : field;
}

/** Where a pattern, a specifier or an escape begins. */
function firstMagic(path: string): number {
  const index = path.search(/[*?[%\\]/);
  return index < 0 ? path.length : index;
}

/** The same path without symbolic links in the tree on the way; what is not there stays as it is. */
function resolveLinks(root: string, path: string): string {
  let done = "";
  const rest = path.split("/");
  for (let links = 0; rest.length > 0 && links < 40; ) {
    const name = rest.shift() ?? "";
    const next = done === "" ? name : `${done}/${name}`;
    const isLink = lstatSync(join(root, next), { throwIfNoEntry: false })?.isSymbolicLink() === true;
    if (!isLink) {
      done = next;
      continue;
    }
    links++;
    const target = posix.resolve(`/${done}`, readlinkSync(join(root, next))).slice(1);
    rest.unshift(...target.split("/"));
    done = "";
  }
  return done;
}

/** Without those that begin with another one. */
function withoutCovered(places: readonly string[]): readonly string[] {
  const sorted = places.toSorted();
  const result: string[] = [];
  for (const place of sorted) if (result.length === 0 || !place.startsWith(result.at(-1) ?? "")) result.push(place);
  return result;
}
