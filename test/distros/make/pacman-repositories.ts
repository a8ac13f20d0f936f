// Lays pacman packages out as repositories. repo-add's databases have times in them, so they are packed again.

import { linkSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { EPOCH } from "../keys.ts";
import { runTool, type Tools } from "../run-tool.ts";
import type { Package } from "./package.ts";
import { signFiles } from "./rpm-repositories.ts";

/** A package file, and the file that is its signature, if any. */
type Signed = readonly [path: string, signature: string | undefined];

export async function layPacmanRepositories(
  tools: Tools,
  packages: ReadonlyMap<Package, string>,
  place: string,
  mirror: string,
): Promise<void> {
  await signFiles(tools, tools.key, place, [...packages.values()], false);
  const lay = async (path: string, name: string, list: readonly Signed[]) => {
    const directory = join(mirror, path, name, "os/x86_64");
    mkdirSync(directory, { recursive: true });
    for (const [file, signature] of list) {
      linkSync(file, join(directory, basename(file)));
      if (signature !== undefined) linkSync(signature, join(directory, `${basename(file)}.sig`));
    }
    await index(
      tools,
      place,
      directory,
      name,
      list.map(([file]) => basename(file)),
    );
  };
  const part = (part: Package["part"]): Signed[] =>
    [...packages].flatMap(([made, path]) => (made.part === part ? [[path, `${path}.sig`] as const] : []));
  await lay("arch", "core", part("base"));
  await lay("arch", "extra", part("applications"));
  await lay("arch", "core-testing", []);
  await lay("arch", "extra-testing", part("updates"));

  const [hello = ""] = [...packages].flatMap(([{ name, part }, path]) =>
    name === "hello" && part === "applications" ? [path] : [],
  );
  const copy = join(place, "strangers", basename(hello));
  mkdirSync(join(place, "strangers"), { recursive: true });
  linkSync(hello, copy);
  await signFiles(tools, tools.strangersKey, place, [copy], false);
  await lay("unsigned/arch", "extra", [[hello, undefined]]);
  await lay("wrong-key/arch", "extra", [[copy, `${copy}.sig`]]);
}

async function index(
  tools: Tools,
  place: string,
  directory: string,
  name: string,
  files: readonly string[],
): Promise<void> {
  const script = `
    set -o pipefail
    name=$1
    shift
    if [ $# = 0 ]; then
      for kind in db files; do bsdtar -cf - -T /dev/null | gzip -n >$name.$kind.tar.gz; ln -sf $name.$kind.tar.gz $name.$kind; done
      exit
    fi
    repo-add --quiet $name.db.tar.gz "$@" 2>/dev/null
    for kind in db files; do
      unpacked=$(mktemp -d)
      bsdtar -xf $name.$kind.tar.gz -C $unpacked
      (cd $unpacked
       find . -exec touch -h -d @${EPOCH} {} +
       find . -mindepth 1 -printf '%P\\n' | LC_ALL=C sort | bsdtar --format=ustar --uid 0 --gid 0 --numeric-owner --no-recursion -cf - -T - |
         gzip -n) >$name.$kind.tar.gz
    done
    rm -f *.old *.old.sig
    touch -d @${EPOCH} $name.db.tar.gz $name.files.tar.gz`;
  await runTool(tools, ["bash", "-ec", script, "bash", name, ...files], { see: [directory, place] });
}
