// RepositoryKeyFetch=: the package with the distribution's keys is downloaded from its own mirror, with nothing to verify it
// by, and the keyrings in it count like those of the toolbox.

import { existsSync, readdirSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../report/failure.ts";
import { UNFINISHED } from "../../report/whole-file.ts";
import { withLock } from "../../sandbox/lock.ts";
import { bind, bindReadOnly, sandboxTree } from "../../sandbox/spec.ts";
import { hasTool, runTool } from "../../tools/tool.ts";
import type { PackageContext } from "../manager.ts";
import { withRetries } from "../retry.ts";
import { pacmanSpec } from "./command.ts";
import { explained, NO_LOOKS } from "./explain.ts";
import { isPassing } from "./failures.ts";
import { pacmanCache, prepareCache } from "./layout.ts";

const KEYRINGS = "usr/share/pacman/keyrings";

/** Where the keyrings are that were fetched, on the host; undefined when none are to be used. */
export function fetchedKeyrings(context: PackageContext): string | undefined {
  const place = join(placeOf(context), KEYRINGS);
  return context.image.config.repositoryKeyFetch && existsSync(place) ? place : undefined;
}

function placeOf({ packageCache, image }: PackageContext): string {
  return join(packageCache, "pacman/fetched-keys", `${image.config.distribution}~${image.config.release}`);
}

/** Downloads the keyrings. @param name of the one that is needed @throws {Failure} when they cannot be had */
export async function fetchKeyrings(context: PackageContext, name: string): Promise<void> {
  if (!context.image.config.repositoryKeyFetch) return;
  context.report.progress("fetching the keyring");
  const file = await download(unverified(context), `${name}-keyring`);
  const place = placeOf(context);
  await withLock(pacmanCache(context).keyringsLock, async () => {
    const unfinished = join(place, "..", `${UNFINISHED}${process.pid}`);
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    const tar = hasTool(context.toolbox, "bsdtar") ? "bsdtar" : "tar";
    await runTool(context, {
      argv: [tar, "-xf", "/package", "-C", "/keyring", KEYRINGS],
      mounts: [bindReadOnly(file, "/package"), bind(unfinished, "/keyring")],
    });
    await rm(place, { recursive: true, force: true });
    await rename(unfinished, place);
  });
}

/** The same repositories without keys, and a cache that goes with the build: nobody else is to find what is in it. */
function unverified(context: PackageContext): PackageContext {
  const repositories = context.repositories.map(({ signedBy: _signedBy, ...repository }) => repository);
  return Object.create(context, {
    repositories: { value: repositories },
    packageCache: { value: join(context.scratch, "pacman/keyring-cache") },
    localPackages: { value: [] },
    // a pacman.conf there may want signatures
    toolbox: { value: sandboxTree(context.toolbox)?.beneath ?? context.toolbox },
  }) as PackageContext;
}

/** @returns the package's file */
async function download(context: PackageContext, name: string): Promise<string> {
  const cache = pacmanCache(context);
  prepareCache(cache);
  const root = join(context.scratch, "pacman/keyring");
  await mkdir(root, { recursive: true });
  const run = async (args: readonly string[], sync: boolean) => {
    const spec = pacmanSpec(context, { arguments: args, root, keyring: undefined, network: true, sync });
    const requests = [
      { spec: name, setting: "RepositoryKeyFetch", origin: context.image.origin("repositoryKeyFetch") },
    ];
    const attempt = () => withRetries(context.report, isPassing, () => context.runner.run(spec));
    await explained(context, requests, NO_LOOKS, attempt);
  };
  await run(["--sync", "--refresh"], true);
  // it is not installed, so what it depends on need not be there
  await run(["--sync", "--downloadonly", "--assume-installed", "pacman", name], false);
  const file = readdirSync(cache.packages).find((entry) => entry.startsWith(`${name}-`) && !entry.endsWith(".sig"));
  if (file !== undefined) return join(cache.packages, file);
  throw new Failure(`pacman has not downloaded ${name}`, {
    origin: context.image.origin("repositoryKeyFetch"),
    remedy: "install the distribution's keyring on the host or in the tools tree, and remove RepositoryKeyFetch=",
  });
}
