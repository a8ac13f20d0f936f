// Installs packages in a tree and removes them from it.

import { withLock } from "../../sandbox/lock.ts";
import { prepareMountPoints } from "../../tools/mount-points.ts";
import { emptyTree } from "../empty-tree.ts";
import { refuseFiles } from "../given-files.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { withRetries } from "../retry.ts";
import { pacmanSpec } from "./command.ts";
import { explained, type Looks, NO_LOOKS } from "./explain.ts";
import { isPassing } from "./failures.ts";
import { installedPackages } from "./installed.ts";
import { populatedKeyring } from "./keyring.ts";
import { PACKAGES, pacmanCache, prepareCache } from "./layout.ts";
import { makeLocalRepository } from "./local-repository.ts";
import { downloadVerified } from "./unverified.ts";

/** What makes a base system. */
export const BASE_PACKAGES: readonly PackageRequest[] = [{ spec: "filesystem", setting: undefined, origin: undefined }];

/** Packages want an initrd generator; the build makes initrds itself, once, at its end. */
const INSTALL = ["--sync", "--needed", "--assume-installed", "initramfs"];

/** Where packages are installed, and what with. */
interface Transaction {
  readonly root: string;
  readonly keyring: string | undefined;
  readonly local: string | undefined;
}

async function transaction(context: PackageContext, root: string): Promise<Transaction> {
  prepareCache(pacmanCache(context));
  return { root, keyring: await populatedKeyring(context), local: await makeLocalRepository(context) };
}

/** Solves against nothing and downloads. @throws {Failure} naming every package that does not exist and where it was asked for */
export async function fetchPackages(context: PackageContext, requests: readonly PackageRequest[]): Promise<void> {
  refuseFiles(requests, "pacman");
  await download(context, await transaction(context, await emptyTree(context, "pacman", "fetch")), requests);
}

/** Downloads what installing requests takes; what is in the cache already costs nothing. */
async function download(
  context: PackageContext,
  where: Transaction,
  requests: readonly PackageRequest[],
  options: readonly string[] = [],
): Promise<void> {
  if (requests.length === 0) return;
  const spec = pacmanSpec(context, {
    ...where,
    arguments: [...INSTALL, "--downloadonly", ...options, ...requests.map((request) => request.spec)],
    network: context.image.config.cacheOnly !== "always",
  });
  const onWait = () => context.report.progress("waits for another build that downloads packages");
  const look = looks(context, where, requests);
  let strangers: readonly string[] = [];
  const unverified = async () => (strangers = await look.unverified());
  const attempt = () => withRetries(context.report, isPassing, () => context.runner.run(spec));
  const run = () => downloadVerified(context, attempt, unverified, spec.network === true);
  await withLock(
    pacmanCache(context).packagesLock,
    () => explained(context, requests, { ...look, unverified: async () => strangers }, run),
    { onWait },
  );
}

function looks(context: PackageContext, where: Transaction, requests: readonly PackageRequest[]): Looks {
  return {
    names: () => availableNames(context, where),
    async unverified() {
      const list = [...INSTALL, "--print", "--print-format=%f", ...requests.map(({ spec }) => spec)];
      const spec = pacmanSpec(context, { ...where, arguments: list, output: "capture" });
      const files = (await context.runner.run(spec)).stdout.split("\n").filter((line) => line !== "");
      const { stdout } = await context.runner.run({ ...spec, argv: ["sh", "-c", VERIFY, "sh", ...files] });
      return stdout.split("\n").filter((line) => line !== "");
    },
  };
}

/** Prints those of the downloaded packages whose signature is of an unknown key. */
const VERIFY = `for file; do
  [ ! -f ${PACKAGES}/$file.sig ] || gpg --homedir /etc/pacman.d/gnupg --verify ${PACKAGES}/$file.sig 2>/dev/null || echo $file
done`;

/** Names of all packages and groups that the repositories have. */
async function availableNames(context: PackageContext, where: Transaction): Promise<readonly string[]> {
  const lists = ["--list", "--groups"].map((list) =>
    context.runner.run(pacmanSpec(context, { ...where, arguments: ["--sync", "--quiet", list], output: "capture" })),
  );
  return (await Promise.all(lists)).flatMap(({ stdout }) => stdout.split("\n")).filter((line) => line !== "");
}

/** Makes the base system in a tree that is empty or has a skeleton. @throws {Failure} */
export async function bootstrapTree(context: PackageContext, root: string): Promise<void> {
  await install(context, root, BASE_PACKAGES, false);
}

/** Installs requests on top of what the tree has. @throws {Failure} when a request cannot be had, or a package cannot be installed */
export async function installRequests(
  context: PackageContext,
  root: string,
  requests: readonly PackageRequest[],
): Promise<void> {
  refuseFiles(requests, "pacman");
  await prepareMountPoints(root);
  await install(context, root, requests, true);
}

async function install(
  context: PackageContext,
  root: string,
  requests: readonly PackageRequest[],
  scripts: boolean,
): Promise<void> {
  const where = await transaction(context, root);
  // Volatile packages may be older than what is there, and what depends on them goes with them.
  const isVolatile = requests.some(({ setting }) => setting === "VolatilePackages");
  const options = isVolatile ? ["--sysupgrade", "--sysupgrade"] : [];
  await download(context, where, requests, options);
  const spec = pacmanSpec(context, {
    ...where,
    arguments: [...INSTALL, ...options, ...requests.map((request) => request.spec)],
    scripts,
  });
  await explained(context, requests, looks(context, where, requests), () => context.runner.run(spec));
}

/** Removes packages that are there, and those that only they needed. @throws {Failure} when another package needs one */
export async function removePackages(
  context: PackageContext,
  root: string,
  packages: readonly string[],
): Promise<void> {
  const names = new Set((await installedPackages(root)).map(({ name }) => name));
  const present = packages.filter((name) => names.has(name));
  if (present.length === 0) return;
  await prepareMountPoints(root);
  const keyring = await populatedKeyring(context);
  const command = ["--remove", "--recursive", "--nosave", ...present];
  const spec = pacmanSpec(context, { arguments: command, root, keyring, scripts: true });
  await explained(context, [], NO_LOOKS, () => context.runner.run(spec));
}
