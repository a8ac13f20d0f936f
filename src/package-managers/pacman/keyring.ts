// The keyring that pacman verifies packages with. pacman-key makes it from the keys of the toolbox and signs those that
// are trusted, which takes half a minute for Arch Linux: hence it is kept, under a name that depends on these keys.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdir, rename, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../report/failure.ts";
import { withLock } from "../../sandbox/lock.ts";
import { bind, type SandboxSpec, sandboxTree, toolboxRoot } from "../../sandbox/spec.ts";
import { digestTree } from "../../tools/digest.ts";
import type { PackageContext } from "../manager.ts";
import { sandboxHas } from "../sandbox-files.ts";
import { pacmanCache, prepareCache } from "./layout.ts";

const KEYRING = "/etc/pacman.d/gnupg";

/** Where pacman's packages for Arch Linux, and those for Debian, have the keys. */
const SOURCES = ["usr/share/pacman/keyrings", "usr/share/keyrings"];

/** Keys expire: what is trusted is looked at anew after a day. In milliseconds. */
const FRESH = 24 * 60 * 60 * 1000;

/** The directory of the keyring on the host; undefined when nothing is verified. @throws {Failure} when there are no keys */
export async function populatedKeyring(context: PackageContext): Promise<string | undefined> {
  const tree = sandboxTree(context.toolbox);
  if (tree !== undefined && sandboxHas(context, KEYRING)) return join(tree.directory, KEYRING);
  const key = context.repositories.find(({ signedBy }) => signedBy !== undefined)?.signedBy;
  if (key === undefined) return undefined;
  const root = toolboxRoot(context.toolbox);
  if (!SOURCES.some((directory) => existsSync(join(root, directory, key)))) throw missing(context, key);
  const cache = pacmanCache(context);
  prepareCache(cache);
  const digests = SOURCES.map((directory) =>
    existsSync(join(root, directory)) ? digestTree(join(root, directory)) : "",
  );
  const path = join(cache.keyrings, createHash("sha256").update(digests.join()).digest("hex").slice(0, 32));
  return await withLock(cache.keyringsLock, async () => {
    if (existsSync(path) && Date.now() - statSync(path).mtimeMs < FRESH) return path;
    if (existsSync(path)) await run(context, path, ["--updatedb"]);
    else await populate(context, path, cache.keyrings);
    const now = new Date();
    await utimes(path, now, now);
    return path;
  });
}

async function populate(context: PackageContext, path: string, directory: string): Promise<void> {
  for (const name of readdirSync(directory).filter((entry) => entry.startsWith(".new-")))
    await rm(join(directory, name), { recursive: true, force: true });
  const unfinished = join(directory, `.new-${process.pid}`);
  await mkdir(unfinished, { recursive: true, mode: 0o755 });
  context.report.progress("populating the keyring");
  await run(context, unfinished, ["--init"]);
  await run(context, unfinished, ["--populate"]);
  await rename(unfinished, path);
}

async function run(context: PackageContext, keyring: string, args: readonly string[]): Promise<void> {
  const spec: SandboxSpec = {
    argv: ["pacman-key", ...args],
    base: { kind: "tools", toolbox: context.toolbox },
    mounts: [bind(keyring, KEYRING), { type: "file", content: "[options]\n", target: "/etc/pacman.conf" }],
  };
  await context.runner.run(spec);
}

function missing(context: PackageContext, name: string): Failure {
  return new Failure(`the keys that verify packages of ${context.repositories[0]?.url} are missing: ${name}`, {
    origin: context.image.origin("distribution"),
    remedy:
      "install archlinux-keyring, on the host or by ToolsTreePackages=, or put them into usr/share/pacman/keyrings of a sandbox tree (SandboxTrees=)",
  });
}
