// setfiles(8): gives the files of a tree the labels of the SELinux policy that is installed in it.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TreeContext } from "./context.ts";
import { readInside } from "./inside.ts";
import { namesIn } from "./names-in.ts";
import { BUILDROOT, rootMount, runTool } from "./tool.ts";

/** Paths relative to the tree; see selinux_config(5). */
export interface SelinuxPolicy {
  /** Which file has which label. */
  readonly contexts: string;
  /** What is known of labels, if it is there: they are checked against it. */
  readonly binary: string | undefined;
}

const CONFIG = "etc/selinux/config";

/** The policy that a tree's configuration names; undefined when it has none. */
export function selinuxPolicy(root: string): SelinuxPolicy | undefined {
  const type = /^[ \t]*SELINUXTYPE[ \t]*=[ \t]*([\w.-]+)/m.exec(readInside(root, CONFIG) ?? "")?.[1];
  if (type === undefined) return undefined;
  const place = `etc/selinux/${type}`;
  const contexts = `${place}/contexts/files/file_contexts`;
  if (!existsSync(join(root, contexts))) return undefined;
  const versions = namesIn(join(root, place, "policy")).flatMap((name) => /^policy\.(\d+)$/.exec(name)?.[1] ?? []);
  const newest = Math.max(...versions.map(Number));
  return { contexts, binary: versions.length === 0 ? undefined : `${place}/policy/policy.${newest}` };
}

/** Labels all files. @throws {CommandFailure} */
export async function labelFiles(context: TreeContext, policy: SelinuxPolicy, mayFail: boolean): Promise<void> {
  const inTree = (path: string) => `${BUILDROOT}/${path}`;
  await runTool(context, {
    argv: [
      // Mounts of this machine do not matter (-m), labels that are there do not either (-F); all cores work (-T).
      ...["setfiles", "-mFr", BUILDROOT, "-T0"],
      ...(policy.binary === undefined ? [] : ["-c", inTree(policy.binary)]),
      ...[inTree(policy.contexts), BUILDROOT],
    ],
    mounts: [rootMount(context)],
    mayFail,
  });
}
