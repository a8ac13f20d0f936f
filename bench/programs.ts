// The two programs that are compared, each with what it needs to run here.

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { CHECKOUT } from "../test/support/mkosi.ts";
import { peerDirectory } from "../test/support/peer.ts";
import { writeTree } from "../test/support/project.ts";
import { BARE_QEMU } from "./machines.ts";
import { watchMemory } from "./memory.ts";

export interface Measurement {
  readonly seconds: number;
  /** Peak memory of the program's own processes; 0 when it was not looked at. */
  readonly bytes: number;
}

export interface Program {
  readonly name: string;
  /** @param until see Case @throws {Error} when the program fails */
  run(argv: readonly string[], directory: string, withMemory: boolean, until?: string): Promise<Measurement>;
}

/** @param more options that come before those of the case */
export function ours(toolsTree: string | undefined, more: readonly string[] = []): Program {
  const options = [...(toolsTree === undefined ? [] : [`--tools-tree=${toolsTree}`]), ...more];
  const isOurs = (command: readonly string[]) =>
    /bin\/mkosi$/.test(command[1] ?? "") || command.includes(join(CHECKOUT, "bin/mkosi"));
  return {
    name: "ours",
    run: (argv, directory, withMemory, until) =>
      measured(
        [process.execPath, join(CHECKOUT, "bin/mkosi"), ...options, ...argv],
        directory,
        {},
        withMemory ? isOurs : undefined,
        until,
      ),
  };
}

/** Node alone: what every program in it pays before it begins. */
export const bareNode: Program = {
  name: "node",
  run: (_argv, directory) => measured([process.execPath, "-e", "0"], directory, {}, undefined),
};

/** QEMU alone, from the tools tree: what starting a machine takes in any case. */
export function bareQemu(toolsTree: string): Program {
  const links = ["bin", "lib", "lib64"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]);
  return {
    name: "qemu",
    run: (_argv, directory, _withMemory, until) => {
      const places = ["--ro-bind", join(toolsTree, "usr"), "/usr", ...links, "--dev", "/dev", "--proc", "/proc"];
      const here = ["--bind", directory, directory, "--chdir", directory];
      return measured(["bwrap", ...places, ...here, ...BARE_QEMU], directory, {}, undefined, until);
    },
  };
}

/**
 * The peer's workspace is put on the same file system as ours. Its sources leave out debian-debug, which not every
 * mirror has and which it cannot do without otherwise.
 */
export function peer(scratch: string, toolsTree: string | undefined, more: readonly string[] = []): Program {
  const sandbox = join(scratch, "peer-sandbox");
  const workspace = join(scratch, "peer-workspace");
  const packages = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "mkosi-test/peer-packages");
  for (const directory of [workspace, packages]) mkdirSync(directory, { recursive: true });
  // It insists on a place to mount the resolver's configuration on, which our trees, used by us for /usr alone, lack.
  if (toolsTree !== undefined) writeFileSync(join(toolsTree, "etc/resolv.conf"), "", { flag: "a" });
  writeTree(sandbox, { "etc/apt/sources.list.d/mkosi.sources": SOURCES });
  const options =
    toolsTree === undefined
      ? []
      : [
          `--tools-tree=${toolsTree}`,
          `--sandbox-tree=${sandbox}`,
          `--workspace-directory=${workspace}`,
          `--package-cache-directory=${packages}`,
          ...more,
        ];
  const env = { PYTHONPATH: join(peerDirectory(), "usr/lib/python3/dist-packages") };
  const isPeer = (command: readonly string[]) => command[0]?.includes("python") === true && command.includes("mkosi");
  return {
    name: "peer",
    run: (argv, directory, withMemory, until) =>
      measured(
        argv.includes("boot")
          ? [...CONTAINER_HOST, "python3", "-m", "mkosi", ...options, ...argv, "--", "--keep-unit"]
          : ["python3", "-m", "mkosi", ...options, ...argv],
        directory,
        env,
        withMemory ? isPeer : undefined,
        until,
      ),
  };
}

/** It boots containers only where control groups are unified, which they are not on every machine. */
const CONTAINER_HOST = [
  ...["unshare", "--mount", "--cgroup", "sh", "-c"],
  'umount -R /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup; mount -t tmpfs tmpfs /run; exec "$@"',
  "sh",
];

const SOURCES = ["debian trixie trixie-updates", "debian-security trixie-security"]
  .map((line) => line.split(" "))
  .map(([archive, ...suites]) =>
    [
      "Types: deb deb-src",
      `URIs: http://deb.debian.org/${archive}`,
      `Suites: ${suites.join(" ")}`,
      "Components: main",
      "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n",
    ].join("\n"),
  )
  .join("\n");

async function measured(
  [program = "", ...args]: readonly string[],
  cwd: string,
  extra: Readonly<Record<string, string>>,
  counts: ((command: readonly string[]) => boolean) | undefined,
  until?: string,
): Promise<Measurement> {
  const { NODE_EXTRA_CA_CERTS: _slow, ...env } = process.env;
  const started = performance.now();
  const child = spawn(program, args, { cwd, env: { ...env, ...extra }, stdio: ["ignore", "pipe", "pipe"] });
  const memory = counts === undefined ? undefined : watchMemory(child.pid ?? 0, counts);
  let output = "";
  let seen: number | undefined;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-8000);
      if (until !== undefined && output.includes(until)) seen ??= performance.now();
    });
  const status = await new Promise<number | null>((done, fail) => {
    child.on("error", fail);
    child.on("close", done);
  });
  const seconds = ((seen ?? performance.now()) - started) / 1000;
  const bytes = memory?.stop() ?? 0;
  if (status !== 0 || (until !== undefined && seen === undefined))
    throw new Error(`${program} ${args.join(" ")} in ${cwd}: status ${status}\n${output}`);
  return { seconds, bytes };
}
