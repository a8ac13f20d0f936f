// The base system. Maintainer scripts of essential packages use each other's programs without saying so, hence all
// files must be there before the first script runs. Only few packages have a script that dpkg runs before it unpacks
// them: these are extracted by tar first; all others dpkg unpacks at once, then these again, and only then it configures
// them, in apt's order. The tree is the same as apt makes in twice the time (test/e2e/packages.test.ts).

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../../report/whole-file.ts";
import { BUILDROOT } from "../../tools/tool.ts";
import type { PackageContext } from "../manager.ts";
import { mergeUsr } from "../usr-merge.ts";
import { keepBase, placeOfBase, restoreBase } from "./base-cache.ts";
import { aptSpec } from "./command.ts";
import { DOCUMENTATION, dpkgOptions } from "./configuration.ts";
import { parseFileName, planBase } from "./fetch.ts";
import { denyServices, prepareTree } from "./install.ts";
import { aptCache, CACHE } from "./layout.ts";
import type { InstallationPlan } from "./plan.ts";
import { dpkgLine, runScript } from "./replay.ts";

/** Unpacks packages without dpkg. A named pipe rather than an unnamed one: sh has no pipefail. */
const EXTRACT = `set -e
exclude=$1; shift
mkfifo /run/mkosi-tar
for package; do
  dpkg-deb --fsys-tarfile "$package" >/run/mkosi-tar &
  tar --extract --file /run/mkosi-tar --directory ${BUILDROOT} --preserve-permissions --same-owner --numeric-owner \\
    --keep-directory-symlink --delay-directory-restore --xattrs --xattrs-include='*' $exclude
  wait $!
done`;

/** Prints those of the packages that have a preinst script. */
const WITH_PREINST = `for package; do
  ! dpkg-deb --ctrl-tarfile "$package" | tar --list | grep --quiet '^\\(./\\)\\?preinst$' || echo "$package"
done`;

/** Makes the base system in a tree that is empty or has a skeleton. @throws {Failure} */
export async function bootstrapTree(context: PackageContext, root: string): Promise<void> {
  const plan = await planBase(context);
  const early = await extractedFirst(context, root, plan.files);
  const script = dpkgScript(dpkgOptions(context.image.config), plan, early);
  const place = placeOfBase(context, root, plan, script);
  if (place !== undefined && (await restoreBase(context, root, place))) return;
  await mergeUsr(root, context.architecture);
  const exclude = context.image.config.withDocs ? "" : DOCUMENTATION.map((glob) => `--exclude=.${glob}`).join(" ");
  await context.runner.run(aptSpec(context, { argv: ["sh", "-c", EXTRACT, "sh", exclude, ...early], root }));
  await prepareTree(root);
  {
    await using _noServices = await denyServices(root);
    await runScript(context, root, script, plan.files.length, []);
  }
  if (place !== undefined) await keepBase(context, root, place);
}

function dpkgScript(options: readonly string[], plan: InstallationPlan, early: readonly string[]): string {
  const late = plan.files.filter((file) => !early.includes(file));
  const order = plan.commands.filter((command) => command.includes("--configure")).flatMap(names);
  const runs = [
    ["--no-triggers", "--unpack", ...late],
    ["--no-triggers", "--unpack", ...early],
    ["--no-triggers", "--configure", ...order],
    ["--configure", "--pending"],
  ];
  return runs.map((run) => dpkgLine([...options, ...run])).join("");
}

function names(command: readonly string[]): string[] {
  return command.slice(command.indexOf("--configure") + 1).filter((argument) => argument !== "--pending");
}

/** The packages with a script before unpacking, and the one with the top-level directories. */
async function extractedFirst(context: PackageContext, root: string, files: readonly string[]): Promise<string[]> {
  const withPreinst = new Set(await packagesWithPreinst(context, root, files));
  return files.filter((file) => withPreinst.has(file) || parseFileName(file).name === "base-files");
}

/** Looks into the packages once, and remembers it beside them. */
async function packagesWithPreinst(
  context: PackageContext,
  root: string,
  files: readonly string[],
): Promise<readonly string[]> {
  const path = join(aptCache(context).directory, "preinst.json");
  const text = await readFile(path, "utf8").catch(() => "{}");
  const known = JSON.parse(text) as Record<string, boolean>;
  // a file in the cache is what it is for ever, one in somebody's repository may be replaced
  const unknown = files.filter((file) => known[file] === undefined || !file.startsWith(CACHE));
  if (unknown.length > 0) {
    const spec = aptSpec(context, { argv: ["sh", "-c", WITH_PREINST, "sh", ...unknown], root, output: "capture" });
    const found = new Set((await context.runner.run(spec)).stdout.split("\n"));
    const all = Object.fromEntries(
      files.map((file) => [file, unknown.includes(file) ? found.has(file) : known[file] === true]),
    );
    await writeWhole(path, JSON.stringify(all));
    Object.assign(known, all);
  }
  return files.filter((file) => known[file] === true);
}
