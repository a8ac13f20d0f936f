// Builds and signs rpm packages: one source with a subpackage for each package, so that rpmbuild is started once.

import { copyFileSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { EPOCH, fingerprint } from "../keys.ts";
import { runTool, type Tools } from "../run-tool.ts";
import { type Package, walk } from "./package.ts";

/** The same bytes each time, for rpm 4.14 and newer; nothing is generated from what the files hold. */
const HEADER = `%global _rpmformat 4
%global _binary_payload w1.zstdio
%global _build_id_links none
%global debug_package %{nil}
%global __os_install_post %{nil}
%global _buildhost mirror.invalid
%global use_source_date_epoch_as_buildtime 1
%global build_mtime_policy clamp_to_source_date_epoch
%global clamp_mtime_to_source_date_epoch 1
%global _docdir_fmt %{NAME}
%global _unpackaged_files_terminate_build 0
`;

const CHANGES = "%changelog\n* Sun Jun 15 2025 Test <mirror@example.invalid> - 1-1\n- Made\n";

export interface Rpms {
  /** Signed packages, by the part of the distribution that they are in. */
  readonly paths: ReadonlyMap<Package, string>;
  /** The `hello` of applications without a signature, and with a stranger's. */
  readonly unsigned: string;
  readonly strangers: string;
}

/** Builds all packages below `place`, which is on the same file system as their files. */
export async function buildRpms(tools: Tools, packages: readonly Package[], place: string): Promise<Rpms> {
  const output = join(place, "rpms");
  mkdirSync(output, { recursive: true });
  const setup = packages.find(({ name }) => name === "setup");
  const filesystem = packages.find(({ name }) => name === "filesystem");
  if (setup === undefined || filesystem === undefined) throw new Error("no packages setup and filesystem");
  const owners = groupNames(join(setup.root, "etc/group"));
  const directories = new Set(walk(filesystem.root).flatMap(([path, stats]) => (stats.isDirectory() ? [path] : [])));
  // Other versions of a package, and what the release packages or the kernels have in common, cannot come from one source.
  const together = packages.filter(
    ({ name, part }) => (part === "base" || part === "applications") && name !== "kernel-default",
  );
  const alone = packages.filter((made) => !together.includes(made)).map((made) => [made]);
  for (const [index, group] of [together, ...alone].entries()) {
    const source = join(place, "rpmbuild", String(index));
    mkdirSync(source, { recursive: true });
    const stanzas = group.map((made, position) => {
      const list = join(source, `${made.name}.files`);
      writeFileSync(list, `${fileList(made, owners, directories)}\n`);
      return stanza(made, position > 0, list);
    });
    const copies = group.map(({ root }) => `cp -al ${root}/. %{buildroot}/`).join("\n");
    const spec = join(source, "source.spec");
    writeFileSync(spec, `${HEADER}${stanzas.join("\n")}%install\nmkdir -p %{buildroot}\n${copies}\n${CHANGES}`);
    const define = (name: string, value: string) => ["--define", `${name} ${value}`];
    const argv = [
      ...["rpmbuild", "-bb", "--quiet", ...define("_topdir", source), ...define("_rpmdir", output)],
      ...define("_rpmfilename", "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm"),
    ];
    await runTool(tools, [...argv, spec], { see: [place], env: { SOURCE_DATE_EPOCH: String(EPOCH) } });
  }
  const files = readdirSync(output).toSorted();
  const paths = new Map(packages.map((made) => [made, join(output, rpmName(made))]));
  for (const path of paths.values()) if (!files.includes(basename(path))) throw new Error(`rpmbuild made no ${path}`);
  return { paths, ...(await sign(tools, place, paths)) };
}

export function rpmName({ name, version, release, noarch }: Package): string {
  return `${name}-${version}-${release}.${noarch ? "noarch" : "x86_64"}.rpm`;
}

async function sign(tools: Tools, place: string, paths: ReadonlyMap<Package, string>): Promise<Omit<Rpms, "paths">> {
  const [hello = ""] = [...paths].flatMap(([{ name, part }, path]) =>
    name === "hello" && part === "applications" ? [path] : [],
  );
  const variants = {
    unsigned: join(place, "unsigned", basename(hello)),
    strangers: join(place, "strangers", basename(hello)),
  };
  for (const copy of Object.values(variants)) {
    mkdirSync(join(copy, ".."), { recursive: true });
    copyFileSync(hello, copy);
  }
  await signRpms(tools, tools.key, place, [...paths.values()]);
  await signRpms(tools, tools.strangersKey, place, [variants.strangers]);
  for (const path of [...paths.values(), ...Object.values(variants)]) utimesSync(path, EPOCH, EPOCH);
  return variants;
}

async function signRpms(tools: Tools, key: string, place: string, paths: readonly string[]): Promise<void> {
  const arguments_ = `--batch --faked-system-time ${EPOCH}! --pinentry-mode loopback`;
  const argv = [
    ...["rpmsign", "--addsign", "--define", "__gpg /usr/bin/gpg", "--define", `_gpg_name ${fingerprint(key)}`],
    ...["--define", `_gpg_sign_cmd_extra_args ${arguments_}`],
  ];
  await runTool(tools, [...argv, ...paths], { see: [place, key], env: { GNUPGHOME: join(key, "gnupg") } });
}

function stanza(made: Package, isSub: boolean, list: string): string {
  const name = isSub ? ` -n ${made.name}` : "";
  const first = new Set([
    "filesystem",
    "setup",
    ...(Object.keys(made.scriptlets).length > 0 ? ["bash", "coreutils"] : []),
  ]);
  const version = (provided: string) => (/[/()]/.test(provided) ? provided : `${provided} = %{version}-%{release}`);
  const lines = [
    isSub ? `%package${name}` : `Name: ${made.name}`,
    ...(made.epoch > 0 ? [`Epoch: ${made.epoch}`] : []),
    `Version: ${made.version}`,
    `Release: ${made.release}`,
    `Summary: ${made.summary}`,
    "License: test",
    "Vendor: test",
    ...(made.noarch ? ["BuildArch: noarch"] : []),
    "AutoReqProv: no",
    ...[...made.depends]
      .toSorted()
      .flatMap((depend) =>
        first.has(depend) ? [`Requires(pre): ${depend}`, `Requires(post): ${depend}`] : [`Requires: ${depend}`],
      ),
    // As in Fedora; an initrd without an os-release is refused.
    ...(made.name === "setup" ? ["Requires: system-release"] : []),
    ...made.recommends.map((recommended) => `Recommends: ${recommended}`),
    ...made.provides.rpm.map((provided) => `Provides: ${version(provided.replace("=", " = "))}`),
    `%description${name}`,
    made.summary,
    ...Object.entries(made.scriptlets).map(([when, script]) => `%${when}${name}\n${script.replaceAll("%", "%%")}`),
    // Runs before anything, even a shell, is there.
    ...(made.name === "filesystem" ? [`%pretrans${name} -p <lua>\nposix.mkdir("/proc")\nposix.mkdir("/sys")`] : []),
    ...(made.name === "glibc"
      ? [`%transfiletriggerin${name} -P 2000000 -p <lua> -- /usr/lib /usr/lib64\nrpm.execute("/sbin/ldconfig")`]
      : []),
    `%files${name} -f ${list}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** Directories of `filesystem` are in no other package. */
function fileList(made: Package, owners: ReadonlyMap<number, string>, directories: ReadonlySet<string>): string {
  const lines = walk(made.root).flatMap(([path, stats]) => {
    if (stats.isDirectory() && made.name !== "filesystem" && directories.has(path)) return [];
    const mode = `%attr(${(stats.mode & 0o7777).toString(8)},root,${owners.get(stats.gid) ?? stats.gid}) `;
    const language = /^usr\/share\/locale\/([^/.@]+)[^/]*\/LC/.exec(path)?.[1];
    const marks = [
      ...(language !== undefined && !stats.isDirectory() ? [`%lang(${language}) `] : []),
      ...(path.startsWith("etc/") && stats.isFile() ? ["%config(noreplace) "] : []),
      ...(/^usr\/share\/(doc|man|info)\//.test(path) && !stats.isDirectory() ? ["%doc "] : []),
      ...(stats.isDirectory() ? [`%dir ${mode}`] : stats.isSymbolicLink() ? [] : [mode]),
    ];
    return [`${marks.join("")}/${path.replace(/[^\w.+/@:,=~^-]/g, "?")}\n`];
  });
  return lines.join("");
}

function groupNames(file: string): Map<number, string> {
  const rows = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(":"));
  return new Map(rows.map(([name = "", , id]) => [Number(id), name]));
}
