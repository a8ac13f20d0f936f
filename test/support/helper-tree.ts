// A tree of Debian's with programs that read images and that neither this machine nor the tools tree has.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mkosiOk } from "./mkosi.ts";
import { keptToolsTree } from "./tools-tree.ts";

export interface HelperTree {
  /** Runs a shell script with the tree's programs; it sees the machine's devices and one directory, where it begins. */
  run(script: string, directory: string): string;
  /** The command line by which a program of the tree sees the same; arguments may be put behind it. */
  command(program: readonly string[], directory: string): readonly string[];
  remove(): void;
}

/** Builds a tree of these packages with mkosi itself. */
export async function helperTree(packages: readonly string[]): Promise<HelperTree> {
  const place = mkdtempSync(join(tmpdir(), "mkosi-test-helpers-"));
  const options = ["--distribution=debian", "--release=trixie", "--format=directory", "--bootable=no", "--output=tree"];
  await mkosiOk([...options, `--package=${packages.join(",")}`, `--tools-tree=${keptToolsTree()}`], { cwd: place });
  const tree = join(place, "tree");
  const links = ["bin", "sbin", "lib", "lib64"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]);
  const command = (program: readonly string[], directory: string) => [
    "bwrap",
    ...["--ro-bind", join(tree, "usr"), "/usr", "--ro-bind", join(tree, "etc"), "/etc", ...links],
    ...["--dev-bind", "/dev", "/dev", "--proc", "/proc", "--ro-bind", "/sys", "/sys", "--tmpfs", "/tmp"],
    // Where the machine has both versions of control groups, crun refuses to run.
    ...["--tmpfs", "/sys/fs/cgroup"],
    ...["--tmpfs", "/run", "--tmpfs", "/var/tmp", "--bind", directory, directory, "--chdir", directory],
    ...program,
  ];
  return {
    command,
    run: (script, directory) => {
      const [program = "", ...args] = command(["sh", "-ec", script], directory);
      return execFileSync(program, args, { encoding: "utf8", maxBuffer: 1e9 });
    },
    remove: () => rmSync(place, { recursive: true, force: true }),
  };
}
