// Builds images from the local mirror, by this program and by the original.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listing } from "../support/listing.ts";
import { type Finished, mkosi, mkosiOk, run } from "../support/mkosi.ts";
import { peerDirectory } from "../support/peer.ts";
import type { Mirror, MirrorName, Variant } from "./mirror.ts";
import { runTool } from "./run-tool.ts";

export interface Work {
  readonly mirror: Mirror;
  /** The project's directory; package cache and outputs are in it. */
  readonly project: string;
}

export interface Target {
  readonly distribution: string;
  readonly release?: string;
  readonly name?: MirrorName;
  readonly variant?: Variant;
  /** More that belongs to it. */
  readonly options?: readonly string[];
}

function options(
  { mirror, project }: Work,
  { distribution, release, name, variant, options: more = [] }: Target,
): string[] {
  return [
    `--distribution=${distribution}`,
    ...(release === undefined ? [] : [`--release=${release}`]),
    ...more,
    `--mirror=${mirror.url(name ?? (distribution as MirrorName), variant)}`,
    `--tools-tree=${mirror.toolsTree}`,
    `--package-cache-directory=${project}/cache`,
    `--workspace-directory=${project}`,
    "--format=directory",
    "--force",
  ];
}

/** Builds; any exit status is a result. */
export async function build(work: Work, target: Target, more: readonly string[] = []): Promise<Finished> {
  return await mkosi([...options(work, target), ...more, "build"], { cwd: work.project });
}

/** Builds what must succeed. @returns the tree's path */
export async function buildTree(work: Work, target: Target, more: readonly string[] = []): Promise<string> {
  await mkosiOk([...options(work, target), ...more, "build"], { cwd: work.project });
  return join(work.project, "image");
}

/** The same by the original. */
export async function buildByPeer(work: Work, target: Target, more: readonly string[] = []): Promise<string> {
  const peer = { ...work, project: join(work.project, "peer") };
  mkdirSync(join(peer.project, "cache"), { recursive: true });
  writeFileSync(join(peer.project, "mkosi.conf"), "");
  const env = { PYTHONPATH: join(peerDirectory(), "usr/lib/python3/dist-packages") };
  const argv = ["python3", "-m", "mkosi", ...options(peer, target), "--build-sources=", ...more, "build"];
  const result = await run(argv, { cwd: peer.project, env });
  if (result.status !== 0) throw new Error(`the original: status ${result.status}\n${result.stderr.slice(-4000)}`);
  return join(peer.project, "image");
}

/** `name-version-release.architecture` of each package, sorted, by rpm itself. */
export async function rpmPackages(
  { mirror }: Work,
  tree: string,
  database = "/usr/lib/sysimage/rpm",
): Promise<string[]> {
  const { stdout } = await runTool(
    mirror.tools,
    ["rpm", `--root=${tree}`, `--dbpath=${database}`, "-qa", "--qf", "%{NAME}-%{EVR}.%{ARCH}\\n"],
    { see: [tree], env: { RPM_FORCE_DEBIAN: "1" } },
  );
  return stdout
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("gpg-pubkey"))
    .sort();
}

/** A text file of a tree. */
export function read(tree: string, path: string): string {
  return readFileSync(join(tree, path), "utf8");
}

/** What is in a tree, line by line, but for databases and what has times in it. */
export function files(tree: string): string[] {
  return listing(tree)
    .split("\n")
    .filter((line) => !NOT_COMPARED.test(line));
}

/**
 * Databases and logs; of the original's images also the lock of the user database, what dnf5 leaves below the path that
 * the root had, and zypper's cache of the system.
 */
const NOT_COMPARED =
  /\.\/(?:etc\/\.pwd\.lock|buildroot|(?:usr\/lib\/sysimage|var\/lib)\/(?:rpm|libdnf5|dnf|zypp)\/|var\/(?:lib\/dnf|cache\/zypp|log\/)|etc\/shadow|var\/lib\/hello\/log)/;
