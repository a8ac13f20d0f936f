// zypper asks about keys that rpm's database of the tree does not have, and takes silence for a no: they are put there
// first.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../../report/failure.ts";
import { sandboxTree, toolboxRoot } from "../../sandbox/spec.ts";
import { BUILDROOT } from "../../tools/tool.ts";
import type { PackageContext } from "../manager.ts";
import { findKeys } from "../rpm/keys.ts";
import { enabledRepositories } from "../rpm/layout.ts";
import { zypperSpec } from "./command.ts";

/** A key that rpm does not take, for its age, is left out: what is signed with it is then refused. */
const IMPORT = `for key; do rpm --root=${BUILDROOT} --import "$key" || echo "rpm does not take $key"; done`;

const DEFINITIONS = "etc/zypp/repos.d";

/** Makes a tree trust the keys of the repositories that are used. @throws {Failure} when there are none */
export async function importKeys(context: PackageContext, root: string): Promise<void> {
  if (!context.image.config.repositoryKeyCheck) return;
  const { addresses } = findKeys(context, enabledRepositories(context));
  const files = [...addresses.values()].flat().filter((address) => address.startsWith("file:"));
  const paths = new Set([...files.map((address) => fileURLToPath(address)), ...ownKeys(context)]);
  if (paths.size === 0) return;
  const argv = ["sh", "-c", IMPORT, "sh", ...paths];
  await context.runner.run({ ...zypperSpec(context, { argv: [], root }), argv });
}

/** Paths in the sandbox of the keys that repositories of sandbox trees name. @throws {Failure} for one that may not be used */
function ownKeys(context: PackageContext): readonly string[] {
  const directory = join(sandboxTree(context.toolbox)?.directory ?? "/nonexistent", DEFINITIONS);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith(".repo"))
    .flatMap((name) => keysIn(readFileSync(join(directory, name), "utf8")).map((key) => pathOf(context, name, key)))
    .filter((path) => path !== undefined);
}

/** The addresses of keys in the text of a .repo file. */
function keysIn(text: string): readonly string[] {
  return [...text.matchAll(/^gpgkey[ \t]*=[ \t]*(.*(?:\n[ \t]+.*)*)/gm)].flatMap(([, value = ""]) =>
    value.split(/[\s,]+/).filter((key) => key !== ""),
  );
}

function pathOf({ image, toolbox }: PackageContext, name: string, key: string): string | undefined {
  const origin = image.origin("sandboxTrees");
  if (!key.startsWith("file:")) {
    if (image.config.repositoryKeyFetch) return undefined;
    throw new Failure(`${DEFINITIONS}/${name} of a sandbox tree has its key at ${key}`, {
      origin,
      remedy: "put the key into the sandbox tree and name it by file://, or set RepositoryKeyFetch=yes",
    });
  }
  const path = fileURLToPath(key);
  if (existsSync(join(toolboxRoot(toolbox), path))) return path;
  throw new Failure(`${DEFINITIONS}/${name} of a sandbox tree names a key that is not there: ${path}`, {
    origin,
    remedy: "put it into the sandbox tree at that path",
  });
}
