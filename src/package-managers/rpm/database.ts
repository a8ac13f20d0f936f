// rpm's database of a tree: where it is, and what it says is installed.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { bind } from "../../sandbox/spec.ts";
import type { ImageContext } from "../../tools/context.ts";
import { BUILDROOT, captureTool } from "../../tools/tool.ts";
import type { InstalledPackage } from "../manager.ts";

/** What a distribution has of its own in rpm's configuration. */
export interface RpmLayout {
  /** The database's directory inside the image: the distribution's own rpm looks there. */
  readonly database: string;
  /** Its format, where that is not the one of the toolbox's rpm. */
  readonly backend?: "ndb";
}

/** Where rpm has its database since Fedora 36. */
export const DATABASE = "/usr/lib/sysimage/rpm";
/** … and before. */
export const OLD_DATABASE = "/var/lib/rpm";

const FIELDS = ["NAME", "EVR", "ARCH", "SIZE", "SOURCERPM"];

/** Definitions of macros for all rpm programs of a sandbox. */
export function rpmMacros({ database, backend }: RpmLayout, locale: string | null = null): string {
  const macros = [
    `%_dbpath ${database}`,
    ...(backend === undefined ? [] : [`%_db_backend ${backend}`]),
    // translations of other languages are left out
    ...(locale === null ? [] : [`%_install_langs ${locale}`]),
    // dnf and zypper have verified signatures themselves; rpm checks that what it unpacks is whole
    "%_pkgverify_level digest",
  ];
  return macros.map((line) => `${line}\n`).join("");
}

/** The packages of a tree, by name. None when it has no database. */
export async function installedPackages(
  context: ImageContext,
  root: string,
  layout: RpmLayout,
): Promise<InstalledPackage[]> {
  const format = `${FIELDS.map((field) => `%{${field}}`).join("\\t")}\\n`;
  return parsePackages(await query(context, root, layout, ["--all", `--queryformat=${format}`]));
}

/** All paths that packages of a tree have, each with `NAME:ARCHITECTURE`. None when it has no database. */
export async function packageFiles(
  context: ImageContext,
  root: string,
  layout: RpmLayout,
): Promise<readonly (readonly [owner: string, path: string])[]> {
  const format = "[%{=NAME}:%{=ARCH}\\t%{FILENAMES}\\n]";
  const text = await query(context, root, layout, ["--all", `--queryformat=${format}`]);
  return text.split("\n").flatMap((line) => {
    const [owner = "", path] = line.split("\t", 2);
    return path === undefined ? [] : [[owner, path] as const];
  });
}

/** The changelogs of packages of a tree by their names, as `rpm --changelog` prints them. */
export async function rpmChangelogs(
  context: ImageContext,
  root: string,
  layout: RpmLayout,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const entries = "[* %{CHANGELOGTIME:day} %{CHANGELOGNAME}\\n%{CHANGELOGTEXT}\\n\\n]";
  const text = await query(context, root, layout, [`--queryformat=${MARK}%{NAME}\\n${entries}`, ...names]);
  return new Map(
    text.split(MARK).flatMap((part) => {
      const [name = "", ...lines] = part.split("\n");
      const changelog = lines.join("\n").trim();
      return changelog === "" ? [] : [[name, changelog] as const];
    }),
  );
}

/** Before each package: nobody writes a record separator into a changelog. */
const MARK = "\x1e";

async function query(
  context: ImageContext,
  root: string,
  layout: RpmLayout,
  options: readonly string[],
): Promise<string> {
  const place = [layout.database, DATABASE, OLD_DATABASE].find((path) => existsSync(join(root, path)));
  if (place === undefined) return "";
  return await captureTool(context, {
    argv: ["rpm", `--root=${BUILDROOT}`, `--dbpath=${place}`, "--query", ...options],
    // not read-only: an rpm that finds its database so does not lock it, and then refuses to read it
    mounts: [bind(root, BUILDROOT), { type: "file", content: rpmMacros(layout), target: "/etc/rpm/macros.mkosi" }],
    env: { RPM_FORCE_DEBIAN: "1" },
  });
}

/** What rpm prints of packages, in the order of FIELDS; keys are no packages, though rpm keeps them so. */
export function parsePackages(text: string): InstalledPackage[] {
  return text
    .split("\n")
    .map((line) => line.split("\t"))
    .filter(([name]) => name !== undefined && name !== "" && name !== "gpg-pubkey")
    .map(([name = "", version = "", architecture = "", size = "0", source = ""]) => ({
      name,
      version,
      architecture,
      size: Number(size),
      ...(source === "(none)" || source === "" ? {} : { source: source.replace(/-[^-]+-[^-]+\.(no)?src\.rpm$/, "") }),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.architecture < b.architecture ? -1 : 1));
}
