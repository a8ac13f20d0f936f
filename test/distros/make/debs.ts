// Debian trixie's packages, which all others are made of: fetched by apt, with Debian's signatures checked.

import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeTree } from "../../support/project.ts";
import { CACHE } from "../cache.ts";
import { runTool, type Tools } from "../run-tool.ts";

export interface Deb {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly summary: string;
  /** Dependencies, each as the names of its alternatives. */
  readonly depends: readonly (readonly string[])[];
}

/** What is asked for; their dependencies come with them. */
const WANTED =
  "base-files base-passwd bash coreutils dbus diffutils dosfstools e2fsprogs findutils grep gzip hello hostname kmod less " +
  "libc-bin liblzma5 libpam-systemd linux-image-cloud-amd64 login mawk mount ncurses-base ncurses-bin netbase passwd procps sed systemd " +
  "systemd-boot-efi systemd-boot-tools systemd-repart systemd-sysv tar udev util-linux";

const MIRROR = process.env["MKOSI_TEST_MIRROR"] ?? "http://deb.debian.org/debian";

/** Fetches them into the cache and reads what they say of themselves; `place` is for apt's state. */
export async function fetchDebs(tools: Tools, place: string): Promise<Deb[]> {
  const archives = join(CACHE, "debs");
  mkdirSync(join(archives, "partial"), { recursive: true });
  const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
  writeTree(place, {
    "etc/sources.list.d/trixie.sources": `Types: deb\nURIs: ${MIRROR}\nSuites: trixie\nComponents: main\nSigned-By: ${keyring}\n`,
    "etc/apt.conf.d": {},
    "etc/preferences.d": {},
    "state/lists/partial": {},
    "state/status": "",
    "apt.conf": `
      Dir::Etc "${place}/etc";
      Dir::State "${place}/state";
      Dir::State::status "${place}/state/status";
      Dir::Cache "${place}/cache";
      Dir::Cache::archives "${archives}";
      APT::Architecture "amd64";
      APT::Install-Recommends "false";
      APT::Sandbox::User "root";
      Acquire::Languages "none";
      Acquire::Retries "3";
      Acquire::Check-Valid-Until "false";`,
  });
  const apt = async (...args: string[]) =>
    (
      await runTool(tools, ["apt-get", "--quiet", "--yes", ...args], {
        see: [place, archives],
        env: { APT_CONFIG: join(place, "apt.conf") },
      })
    ).stdout;
  await apt("update");
  const wanted = WANTED.split(" ");
  // Names before anything is there: what is there already has no line.
  const names = [
    ...(await apt("-o", "Dir::Cache::archives=/nonexistent", "--print-uris", "install", ...wanted)).matchAll(
      /^'\S+' (\S+\.deb) /gm,
    ),
  ];
  await apt("--download-only", "install", ...wanted);
  const paths = names.map(([, name = ""]) => join(archives, name)).toSorted();
  const missing = paths.filter((path) => !existsSync(path));
  if (paths.length === 0 || missing.length > 0) throw new Error(`apt did not fetch ${missing.join(" ")}`);
  return await readControl(tools, archives, paths);
}

async function readControl(tools: Tools, archives: string, paths: readonly string[]): Promise<Deb[]> {
  const script =
    'for deb; do dpkg-deb -f "$deb" Package Version Architecture Pre-Depends Depends Description; echo; echo ---; done';
  const { stdout } = await runTool(tools, ["sh", "-ec", script, "sh", ...paths], { see: [archives] });
  return stdout
    .split("---\n")
    .slice(0, -1)
    .map((text, index) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(text)?.[1] ?? "";
      const depends = [field("Pre-Depends"), field("Depends")]
        .flatMap((list) => list.split(","))
        .map((alternatives) => alternatives.split("|").map((name) => name.trim().replace(/[ (:].*/, "")))
        .filter(([first]) => first !== "");
      return {
        path: paths[index] ?? "",
        name: field("Package"),
        version: field("Version"),
        architecture: field("Architecture"),
        summary: field("Description"),
        depends,
      };
    });
}
