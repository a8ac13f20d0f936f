// A tools tree that differs from another in what is missing.

import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

/** Makes `to`, which is `from` without some paths (below usr or etc), as long as `use` runs. */
export async function toolsWithout(
  from: string,
  to: string,
  paths: readonly string[],
  use: () => Promise<void>,
): Promise<void> {
  const changed = [...new Set(paths.map((path) => path.split("/")[0] ?? ""))];
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    const path = join(from, name);
    if (!changed.includes(name))
      symlinkSync(lstatSync(path).isSymbolicLink() ? readlinkSync(path) : path, join(to, name));
  }
  const work = `${to}-work`;
  for (const path of paths) {
    mkdirSync(join(work, "upper", dirname(path)), { recursive: true });
    execFileSync("mknod", [join(work, "upper", path), "c", "0", "0"]);
  }
  const mounted: string[] = [];
  try {
    for (const name of changed) {
      mkdirSync(join(to, name));
      mkdirSync(join(work, "work", name), { recursive: true });
      const options = `lowerdir=${from}/${name},upperdir=${work}/upper/${name},workdir=${work}/work/${name}`;
      execFileSync("mount", ["-t", "overlay", "overlay", "-o", options, join(to, name)]);
      mounted.push(join(to, name));
    }
    await use();
  } finally {
    for (const path of mounted) execFileSync("umount", [path]);
  }
}
