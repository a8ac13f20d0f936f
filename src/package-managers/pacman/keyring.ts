// The keyring that pacman verifies packages with. pacman-key makes it from the keys of the toolbox and signs those that
// are trusted, which takes half a minute for Arch Linux: hence it is kept, under a name that depends on these keys.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdir, rename, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../report/failure.ts";
import { withLock } from "../../sandbox/lock.ts";
import { bind, bindReadOnly, type Mount, type SandboxSpec, sandboxTree, toolboxRoot } from "../../sandbox/spec.ts";
import { digestTree } from "../../tools/digest.ts";
import type { PackageContext } from "../manager.ts";
import { sandboxHas } from "../sandbox-files.ts";
import { fetchedKeyrings, fetchKeyrings } from "./fetched-keyring.ts";
import { pacmanCache, prepareCache } from "./layout.ts";

const KEYRING = "/etc/pacman.d/gnupg";

/** Where the sandbox has those that were fetched. */
const FETCHED = "/mkosi-keyrings";

/** Where keys are: in pacman's own place, and where Debian's packages have them. The first that has a keyring counts. */
const SOURCES = ["usr/share/pacman/keyrings", "usr/share/keyrings"];

/** Keys expire: what is trusted is looked at anew after a day. In milliseconds. */
const FRESH = 24 * 60 * 60 * 1000;

/** The directory of the keyring on the host; undefined when nothing is verified. @throws {Failure} when there are no keys */
export async function populatedKeyring(context: PackageContext): Promise<string | undefined> {
  const given = givenKeyring(context);
  if (given !== undefined) return given;
  const key = neededKeyring(context);
  if (key === undefined) return undefined;
  const sources = keySources(toolboxRoot(context.toolbox), fetchedKeyrings(context));
  if (!sources.some(({ names }) => names.includes(key))) throw missing(context, key);
  const cache = pacmanCache(context);
  prepareCache(cache);
  const digests = sources.map(({ digest }) => digest);
  const path = join(cache.keyrings, createHash("sha256").update(digests.join()).digest("hex").slice(0, 32));
  return await withLock(cache.keyringsLock, async () => {
    if (existsSync(path) && Date.now() - statSync(path).mtimeMs < FRESH) return path;
    if (existsSync(path)) await run(context, path, ["--updatedb"]);
    else await populate(context, sources, path, cache.keyrings);
    const now = new Date();
    await utimes(path, now, now);
    return path;
  });
}

function givenKeyring(context: PackageContext): string | undefined {
  const tree = sandboxTree(context.toolbox);
  return tree !== undefined && sandboxHas(context, KEYRING) ? join(tree.directory, KEYRING) : undefined;
}

function neededKeyring({ repositories }: PackageContext): string | undefined {
  return repositories.find(({ signedBy }) => signedBy !== undefined)?.signedBy;
}

/** With RepositoryKeyFetch=, fetches the keyring that populatedKeyring() will take. @throws {Failure} when it cannot be had */
export async function refreshKeyring(context: PackageContext): Promise<void> {
  const key = neededKeyring(context);
  if (key !== undefined && givenKeyring(context) === undefined) await fetchKeyrings(context, key);
}

interface KeySource {
  /** In the sandbox. */
  readonly directory: string;
  /** On the host. */
  readonly path: string;
  /** Keyrings of which it says whom to trust. */
  readonly names: readonly string[];
  readonly digest: string;
}

/** @param fetched what was fetched, which is newer than what the toolbox has */
function keySources(root: string, fetched: string | undefined): readonly KeySource[] {
  const taken = new Set<string>();
  const places = [
    ...(fetched === undefined ? [] : [{ directory: FETCHED, path: fetched }]),
    ...SOURCES.map((path) => ({ directory: `/${path}`, path: join(root, path) })),
  ].filter(({ path }) => existsSync(path));
  return places.map(({ directory, path }) => {
    const all = readdirSync(path);
    const names = all
      .flatMap((name) => (name.endsWith("-trusted") ? [name.slice(0, -"-trusted".length)] : []))
      .filter((name) => all.includes(`${name}.gpg`) && !taken.has(name));
    for (const name of names) taken.add(name);
    const files = names.flatMap((name) => [`${name}.gpg`, `${name}-trusted`, `${name}-revoked`]);
    return { directory, path, names, digest: files.map((name) => digestTree(join(path, name))).join() };
  });
}

async function populate(
  context: PackageContext,
  sources: readonly KeySource[],
  path: string,
  directory: string,
): Promise<void> {
  for (const name of readdirSync(directory).filter((entry) => entry.startsWith(".new-")))
    await rm(join(directory, name), { recursive: true, force: true });
  const unfinished = join(directory, `.new-${process.pid}`);
  await mkdir(unfinished, { recursive: true, mode: 0o755 });
  context.report.progress("populating the keyring");
  await run(context, unfinished, ["--init"]);
  for (const { directory: source, path: from, names } of sources) {
    const mounts = source === FETCHED ? [bindReadOnly(from, FETCHED)] : [];
    if (names.length > 0) await run(context, unfinished, ["--populate-from", source, "--populate", ...names], mounts);
  }
  await rename(unfinished, path);
}

async function run(
  context: PackageContext,
  keyring: string,
  args: readonly string[],
  mounts: readonly Mount[] = [],
): Promise<void> {
  const spec: SandboxSpec = {
    argv: ["pacman-key", ...args],
    base: { kind: "tools", toolbox: context.toolbox },
    mounts: [...mounts, bind(keyring, KEYRING), { type: "file", content: "[options]\n", target: "/etc/pacman.conf" }],
  };
  await context.runner.run(spec);
}

function missing(context: PackageContext, name: string): Failure {
  return new Failure(`the keys that verify packages of ${context.repositories[0]?.url} are missing: ${name}`, {
    origin: context.image.origin("distribution"),
    remedy:
      "install archlinux-keyring, on the host or by ToolsTreePackages=, or put them into usr/share/pacman/keyrings of a sandbox tree (SandboxTrees=), or set RepositoryKeyFetch=yes",
  });
}
