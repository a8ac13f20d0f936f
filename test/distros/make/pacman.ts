// Builds pacman packages as makepkg does, without its checks of what a package needs: bsdtar, .PKGINFO, .INSTALL, .MTREE.

import { mkdirSync, rmSync, utimesSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import pLimit from "p-limit";
import { EPOCH } from "../keys.ts";
import { runTool, type Tools } from "../run-tool.ts";
import { type Package, walk } from "./package.ts";
import { put } from "./stage.ts";

const NAMES: Readonly<Record<string, string>> = {
  "kernel-default": "linux",
  "shadow-utils": "shadow",
  "systemd-boot-unsigned": "systemd-boot",
};

export function pacmanName(name: string): string {
  return NAMES[name] ?? name;
}

function pacmanVersion({ epoch, version, release }: Package): string {
  const plain = (text: string) => text.replaceAll(/[^\w.+]/g, "_");
  return `${epoch > 0 ? `${epoch}:` : ""}${plain(version)}-${plain(release)}`;
}

export function pacmanFile(made: Package): string {
  return `${pacmanName(made.name)}-${pacmanVersion(made)}-${made.noarch ? "any" : "x86_64"}.pkg.tar.zst`;
}

/** Makes them in PLACE/pacman; writes in the packages' own directories meanwhile. */
export async function buildPacmanPackages(
  tools: Tools,
  packages: readonly Package[],
  place: string,
): Promise<Map<Package, string>> {
  mkdirSync(join(place, "pacman"), { recursive: true });
  const limit = pLimit(Math.max(2, cpus().length));
  const build = async (made: Package): Promise<[Package, string]> => {
    const path = join(place, "pacman", pacmanFile(made));
    await buildOne(tools, made, place, path);
    return [made, path];
  };
  // What has files in common with another (a newer version) is made after it.
  const updates = packages.filter(({ part }) => part === "updates");
  const others = packages.filter((made) => !updates.includes(made));
  const first = await Promise.all(others.map((made) => limit(build, made)));
  const second = await Promise.all(updates.map((made) => limit(build, made)));
  return new Map([...first, ...second]);
}

async function buildOne(tools: Tools, made: Package, place: string, path: string): Promise<void> {
  const { root } = made;
  const files = walk(root);
  for (const [name, stats] of files) if (stats.isDirectory()) utimesSync(join(root, name), EPOCH, EPOCH);
  put(join(root, ".PKGINFO"), information(made, files));
  const script = installScript(made);
  if (script !== "") put(join(root, ".INSTALL"), script);
  const names = [".PKGINFO", ...(script === "" ? [] : [".INSTALL"]), ...files.map(([name]) => name)];
  const options = "!all,use-set,type,uid,gid,mode,time,size,md5,sha256,link";
  const command = `
    umask 022
    set -o pipefail
    list=$(mktemp)
    cat >$list
    bsdtar -cf - --format=mtree --options='${options}' --no-recursion --null --files-from $list | gzip -n >.MTREE
    touch -d @${EPOCH} .MTREE
    printf '.MTREE\\0' | cat - $list >$list.all
    bsdtar --no-fflags --numeric-owner --no-recursion -cf - --null --files-from $list.all | zstd -q -3 -T1 -c >"$1"`;
  await runTool(tools, ["bash", "-ec", command, "bash", path], {
    see: [root, place],
    input: names.map((name) => `${name}\0`).join(""),
    env: { LANG: "C" },
  });
  for (const name of [".PKGINFO", ".INSTALL", ".MTREE"]) rmSync(join(root, name), { force: true });
  utimesSync(path, EPOCH, EPOCH);
}

function information(made: Package, files: ReturnType<typeof walk>): string {
  const name = pacmanName(made.name);
  const size = files.reduce((sum, [, stats]) => sum + (stats.isFile() ? stats.size : 0), 0);
  const optional = made.recommends.map((other) => ["optdepend", `${other}: a weak dependency`]);
  const fields = [
    ["pkgname", name],
    ["pkgbase", name],
    ["xdata", "pkgtype=pkg"],
    ["pkgver", pacmanVersion(made)],
    ["pkgdesc", made.summary],
    ["url", "https://example.invalid/"],
    ["builddate", String(EPOCH)],
    ["packager", "Test <mirror@example.invalid>"],
    ["size", String(size)],
    ["arch", made.noarch ? "any" : "x86_64"],
    ["license", "test"],
    ...(made.part === "applications" ? [["group", "greeting"]] : []),
    ...made.provides.pacman.map((other) => ["provides", other]),
    // As rpm's needs a release package.
    ...(name === "setup" ? [["depend", "arch-release"]] : []),
    // The real package has it, and builds say that they take care of it.
    ...(name === "linux" ? [["depend", "initramfs"]] : []),
    // There it has the boot loader and the stub in it.
    ...(name === "systemd" ? ["systemd-boot", "systemd-udev"].map((part) => ["depend", part]) : []),
    ...[...made.depends].toSorted().map((other) => ["depend", pacmanName(other)]),
    ...optional,
    ...files.filter(([path, stats]) => path.startsWith("etc/") && stats.isFile()).map(([path]) => ["backup", path]),
  ];
  return fields.map(([key, value]) => `${key} = ${value}\n`).join("");
}

function installScript({ scriptlets }: Package): string {
  const body = (name: string, text: string | undefined) => (text === undefined ? "" : `${name}() {\n${text}\n}\n`);
  const { pre, post, preun, postun } = scriptlets;
  return (
    body("pre_install", pre) +
    body("post_install", post) +
    body("post_upgrade", post) +
    body("pre_remove", preun) +
    // There are no counts of what is left: what runs here is a removal.
    body("post_remove", postun?.replace('"$1" != 0', "0 = 1"))
  );
}
