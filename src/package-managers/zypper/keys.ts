// zypper asks about keys that rpm's database of the tree does not have, and takes silence for a no: they are put there
// first.

import { fileURLToPath } from "node:url";
import { BUILDROOT } from "../../tools/tool.ts";
import type { PackageContext } from "../manager.ts";
import { findKeys } from "../rpm/keys.ts";
import { enabledRepositories } from "../rpm/layout.ts";
import { zypperSpec } from "./command.ts";

/** A key that rpm does not take, for its age, is left out: what is signed with it is then refused. */
const IMPORT = `for key; do rpm --root=${BUILDROOT} --import "$key" || echo "rpm does not take $key"; done`;

/** Makes a tree trust the keys of the repositories that are used. @throws {Failure} when there are none */
export async function importKeys(context: PackageContext, root: string): Promise<void> {
  if (!context.image.config.repositoryKeyCheck) return;
  const { addresses } = findKeys(context, enabledRepositories(context));
  const files = [...addresses.values()].flat().filter((address) => address.startsWith("file:"));
  if (files.length === 0) return;
  const paths = new Set(files.map((address) => fileURLToPath(address)));
  const argv = ["sh", "-c", IMPORT, "sh", ...paths];
  await context.runner.run({ ...zypperSpec(context, { argv: [], root }), argv });
}
