// The base system. Maintainer scripts of essential packages use each other's programs without saying so, hence all
// files are unpacked before the first script runs; then dpkg installs the same packages in the regular way.

import type { PackageContext } from "../manager.ts";
import { aptSpec } from "./command.ts";
import { DOCUMENTATION } from "./configuration.ts";
import { planBase } from "./fetch.ts";
import { denyServices, prepareTree } from "./install.ts";
import { BUILDROOT } from "./layout.ts";
import { runDpkg } from "./replay.ts";
import { mergeUsr } from "./usr-merge.ts";

/** Unpacks all packages in one sandbox. A named pipe rather than an unnamed one: sh has no pipefail. */
const UNPACK = `set -e
exclude=$1; shift
mkfifo /run/mkosi-tar
for package; do
  dpkg-deb --fsys-tarfile "$package" >/run/mkosi-tar &
  tar --extract --file /run/mkosi-tar --directory ${BUILDROOT} --preserve-permissions --same-owner --numeric-owner \\
    --keep-directory-symlink --delay-directory-restore --xattrs --xattrs-include='*' $exclude
  wait $!
done`;

/** Makes the base system in a tree that is empty or has a skeleton. @throws {Failure} */
export async function bootstrapTree(context: PackageContext, root: string): Promise<void> {
  const plan = await planBase(context);
  await mergeUsr(root, context.architecture);
  const exclude = context.image.config.withDocs ? "" : DOCUMENTATION.map((glob) => `--exclude=.${glob}`).join(" ");
  await context.runner.run(aptSpec(context, { argv: ["sh", "-c", UNPACK, "sh", exclude, ...plan.files], root }));
  await prepareTree(root);
  await using _noServices = await denyServices(root);
  await runDpkg(context, root, plan.commands, []);
}
