// The base system. Maintainer scripts of essential packages use each other's programs without saying so, hence all
// files are unpacked before the first script runs; then apt installs the same packages in the regular way.

import type { PackageContext } from "../manager.ts";
import { aptSpec, prepareMountPoints } from "./command.ts";
import { DOCUMENTATION } from "./configuration.ts";
import { prepareDatabase } from "./empty-tree.ts";
import { basePlan, packageName } from "./fetch.ts";
import { installRequests } from "./install.ts";
import { BUILDROOT } from "./layout.ts";
import { mergeUsr } from "./usr-merge.ts";

/** All packages in one sandbox; a failure of either side of a pipe ends it. */
const UNPACK = `set -e
exclude=$1; shift
for package; do
  dpkg-deb --fsys-tarfile "$package" >/run/mkosi-fifo &
  tar --extract --file /run/mkosi-fifo --directory ${BUILDROOT} --preserve-permissions --same-owner --numeric-owner \\
    --keep-directory-symlink --delay-directory-restore --xattrs --xattrs-include='*' --no-wildcards-match-slash $exclude
  wait $!
done`;

/** Makes the base system in a tree that is empty or has a skeleton. @throws {Failure} */
export async function bootstrapTree(context: PackageContext, root: string): Promise<void> {
  const files = await basePlan(context);
  await mergeUsr(root, context.architecture);
  const exclude = context.image.config.withDocs ? "" : DOCUMENTATION.map((glob) => `--exclude=.${glob}`).join(" ");
  const script = `mkfifo /run/mkosi-fifo\n${UNPACK}`;
  await context.runner.run(aptSpec(context, { argv: ["sh", "-c", script, "sh", exclude, ...files], root }));
  await prepareDatabase(root);
  await prepareMountPoints(root);
  await installRequests(context, root, files.map((file) => ({ spec: packageName(file), setting: undefined, origin: undefined })));
}
