// What a distribution of the Debian family adds to what its packages put into a tree.

import { existsSync, lstatSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { aptSpec } from "../package-managers/apt/command.ts";
import { nameOf } from "../package-managers/apt/missing.ts";
import { renderSources } from "../package-managers/apt/sources.ts";
import { apt } from "../package-managers/apt.ts";
import type { PackageContext, PackageManager, PackageRequest, Repository } from "../package-managers/manager.ts";
import type { Config } from "../settings/index.ts";
import { entryInside, pathInside } from "../tools/inside.ts";

export interface TreeAdditions {
  /** The repositories that apt in the image uses: the distribution's own, whatever the image was built from. */
  readonly imageRepositories: (config: Config) => readonly Repository[];
  readonly afterBootstrap?: (context: PackageContext, root: string) => Promise<void>;
  readonly afterInstall?: (root: string) => Promise<void>;
}

/** apt, followed by what the distribution adds. */
export function aptWith({ imageRepositories, afterBootstrap, afterInstall }: TreeAdditions): PackageManager {
  return {
    ...apt,
    async bootstrap(context, root) {
      await apt.bootstrap(context, root);
      await afterBootstrap?.(context, root);
    },
    async install(context, root, requests) {
      await apt.install(context, root, requests);
      await afterInstall?.(root);
      if (asksForApt(requests)) await writeSources(context.image.config, root, imageRepositories(context.image.config));
    },
  };
}

/** The configuration without what only this build uses. */
export function forImage(config: Config): Config {
  return { ...config, mirror: null, localMirror: null, snapshot: null, repositoryKeyCheck: true };
}

function asksForApt(requests: readonly PackageRequest[]): boolean {
  return requests.some(({ spec }) => nameOf(spec) === "apt");
}

/** An image that has apt can update itself: it gets its distribution's repositories, unless it has them already. */
async function writeSources({ release }: Config, root: string, repositories: readonly Repository[]): Promise<void> {
  const path = pathInside(root, `etc/apt/sources.list.d/${release}.sources`);
  await mkdir(dirname(path), { recursive: true });
  if (!existsSync(path)) await writeFile(path, renderSources(repositories, ["deb", "deb-src"]));
}

/**
 * Debian's unstable calls itself by the name of the next release (https://bugs.debian.org/1008735); an image of it must
 * not. /etc/os-release becomes a file of its own, with a diversion, so that updates leave it alone.
 */
export async function nameUnstable(context: PackageContext, root: string): Promise<void> {
  for (const path of ["usr/lib/os-release", "usr/lib/initrd-release", "etc/os-release"]) {
    const file = join(root, path);
    const link = lstatSync(file, { throwIfNoEntry: false });
    const isEtc = path.startsWith("etc/");
    if (link === undefined || (link.isSymbolicLink() && !isEtc) || !existsSync(file)) continue;
    const text = (await readFile(file, "utf8")).replace(/^VERSION_CODENAME=.*$/m, "VERSION_CODENAME=sid");
    if (isEtc) await divert(context, root, `/${path}`);
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  }
}

async function divert(context: PackageContext, root: string, path: string): Promise<void> {
  const options = ["--quiet", "--root=/buildroot", "--local", "--add", "--rename", "--divert", `${path}.dpkg`, path];
  await context.runner.run(aptSpec(context, { argv: ["dpkg-divert", ...options], root }));
}

/** Ubuntu turns the discovery of partitions by type off, on which images rely. */
export async function enablePartitionDiscovery(root: string): Promise<void> {
  await rm(entryInside(root, "etc/systemd/system-generators/systemd-gpt-auto-generator"), { force: true });
}
