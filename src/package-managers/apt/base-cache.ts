// A finished base system is kept in the package cache, as a tar file: it is the same for every image with the same
// packages, however often it is made, and unpacking it takes a tenth of the time.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdir, rename, rm, utimes } from "node:fs/promises";
import { basename, join } from "node:path";
import { VERSION } from "../../facts/version.ts";
import { systemFailure } from "../../report/system-failure.ts";
import { UNFINISHED } from "../../report/whole-file.ts";
import { lockedDirectory, removeAbandoned } from "../../sandbox/locked-directory.ts";
import { CommandFailure } from "../../sandbox/spawn.ts";
import { toolboxRoot } from "../../sandbox/spec.ts";
import { BUILDROOT } from "../../tools/tool.ts";
import type { PackageContext } from "../manager.ts";
import { sandboxState } from "../sandbox-files.ts";
import { aptSpec, packageEnvironment } from "./command.ts";
import { aptCache, CACHE } from "./layout.ts";
import type { InstallationPlan } from "./plan.ts";

/** What the build itself puts into a tree beforehand. No essential package looks at it, so it is no part of the base. */
const NEUTRAL = ["etc/machine-id", "boot/loader/entries.srel"];

/** Changes when the way changes in which trees are made, so that no tree of an older way is taken. */
const LAYOUT = 2;

/** Kept for each set of repositories: a few, such as with and without documentation. */
const KEPT = 4;

/** Milliseconds in which another build may still be about to use one. */
const IN_USE = 10 * 60_000;

const TAR_OPTIONS = ["--numeric-owner", "--acls", "--xattrs", "--xattrs-include=*"];

/** Where the base system that `script` makes is kept; undefined when it depends on more than its packages. */
export function placeOfBase(
  context: PackageContext,
  root: string,
  plan: InstallationPlan,
  script: string,
): string | undefined {
  // a skeleton tree may have anything that scripts look at; a package outside of the cache may change under its name
  if (!plan.files.every((file) => file.startsWith(CACHE)) || !isNeutral(root)) return undefined;
  if (context.image.config.skeletonTrees.length > 0) return undefined;
  const { toolbox } = context;
  const dpkg = statSync(join(toolboxRoot(toolbox), "usr/bin/dpkg"), { throwIfNoEntry: false });
  if (dpkg === undefined) return undefined;
  // Only kernel packages look at INITRD, and there are none in a base system.
  const { INITRD: _initrd, ...environment } = packageEnvironment(context);
  // A repository of somebody's own may have another package under the same name and version.
  const { archives } = aptCache(context);
  const packages = plan.files.map((file) => {
    const status = statSync(join(archives, basename(file)), { throwIfNoEntry: false });
    return status && [status.size, status.mtimeMs];
  });
  const inputs = [VERSION, LAYOUT, script, TAR_OPTIONS, environment, dpkg.size, dpkg.mtimeMs, packages];
  const own = sandboxState(context, ["/"]);
  if (own !== undefined) inputs.push(own);
  const key = createHash("sha256").update(JSON.stringify(inputs)).digest("hex").slice(0, 32);
  return join("base", `${key}.tar`);
}

/** Unpacks a kept base system. @returns whether there was one */
export async function restoreBase(context: PackageContext, root: string, place: string): Promise<boolean> {
  const path = join(aptCache(context).directory, place);
  // Now it counts as used, so that no other build removes it.
  if (!(await touch(path))) return false;
  const options = ["--preserve-permissions", "--same-owner", "--keep-directory-symlink", "--delay-directory-restore"];
  const argv = ["tar", "--extract", `--file=${CACHE}/${place}`, `--directory=${BUILDROOT}`, ...options, ...TAR_OPTIONS];
  try {
    await context.runner.run(aptSpec(context, { argv, root }));
  } catch (error) {
    // What is removed while it is read stays readable; what has gone before that has left nothing in the tree.
    if (error instanceof CommandFailure && /Cannot open/.test(error.output) && !existsSync(path)) return false;
    throw error;
  }
  return true;
}

/** @returns whether there is such a file; whether its time can be set does not matter */
async function touch(path: string): Promise<boolean> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
  return existsSync(path);
}

/** Keeps a base system that has just been made. A cache that cannot be written is no reason to fail. */
export async function keepBase(context: PackageContext, root: string, place: string): Promise<void> {
  const { directory } = aptCache(context);
  const kept = join(directory, "base");
  const excluded = NEUTRAL.map((path) => `--exclude=./${path}`);
  try {
    await mkdir(kept, { recursive: true });
    await removeAbandoned(kept, UNFINISHED);
    await using work = await lockedDirectory(kept, UNFINISHED);
    const unfinished = join("base", basename(work.path), "tree.tar");
    const tar = ["tar", "--create", `--file=${CACHE}/${unfinished}`, `--directory=${BUILDROOT}`];
    await context.runner.run(aptSpec(context, { argv: [...tar, ...excluded, ...TAR_OPTIONS, "."], root }));
    await rename(join(directory, unfinished), join(directory, place));
    await removeOldest(kept);
  } catch (error) {
    if (!(error instanceof CommandFailure) && systemFailure(error) === undefined) throw error;
  }
}

/** Removes the bases that were used longest ago, but for those in the last minutes. */
export async function removeOldest(directory: string): Promise<void> {
  const files = readdirSync(directory).filter((name) => name.endsWith(".tar"));
  const byAge = files
    .map((name) => join(directory, name))
    .map((path) => ({ path, time: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.time - a.time);
  for (const { path, time } of byAge.slice(KEPT)) {
    if (Date.now() - time > IN_USE) await rm(path, { force: true });
  }
}

function isNeutral(root: string, directory = ""): boolean {
  return readdirSync(join(root, directory), { withFileTypes: true }).every((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? isNeutral(root, path) : NEUTRAL.includes(path);
  });
}
