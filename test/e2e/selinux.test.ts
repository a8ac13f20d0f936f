// SELinuxRelabel=: files of real outputs have the labels of the policy in the image, also on kernels without SELinux.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject, type Tree } from "../support/project.ts";

const CONTEXTS = "/.* system_u:object_r:default_t:s0\n/usr/bin/.* -- system_u:object_r:bin_t:s0\n";
const POLICY: Tree = {
  config: "SELINUX=permissive\nSELINUXTYPE = ours\n",
  ours: { contexts: { files: { file_contexts: CONTEXTS } } },
};

function project(options: string, selinux: Tree | undefined): string {
  return makeProject({
    "mkosi.conf": `[Distribution]
Distribution=custom
[Content]
ExtraTrees=extra
${options}`,
    extra: { usr: { bin: { program: "" } }, ...(selinux === undefined ? {} : { etc: { selinux } }) },
  });
}

const labelOf = (path: string) =>
  execFileSync("getfattr", ["--absolute-names", "--only-values", "--name=security.selinux", path], {
    encoding: "utf8",
  }).replace("\0", "");

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot)("yes: every file of a directory is labelled", async () => {
  const cwd = project("SELinuxRelabel=yes\n", POLICY);
  await mkosiOk(["--format=directory", "-f"], { cwd });
  expect(labelOf(join(cwd, "image/usr/bin/program"))).toBe("system_u:object_r:bin_t:s0");
  expect(labelOf(join(cwd, "image/etc/selinux/config"))).toBe("system_u:object_r:default_t:s0");
});

test.skipIf(!isRoot)("auto: archives are labelled, directories are not; without a policy nothing is said", async () => {
  const cwd = project("", POLICY);
  await mkosiOk(["--format=tar", "--compress-output=none", "-f"], { cwd });
  execFileSync("tar", ["--extract", "--xattrs", "--xattrs-include=*", "--file=image.tar", "./usr/bin/program"], {
    cwd,
  });
  expect(labelOf(join(cwd, "usr/bin/program"))).toBe("system_u:object_r:bin_t:s0");
  await mkosiOk(["--format=directory", "-f"], { cwd });
  expect(() => labelOf(join(cwd, "image/usr/bin/program"))).toThrow();
  const { stderr } = await mkosiOk(["--format=tar", "-f"], { cwd: project("", undefined) });
  expect(stderr).not.toMatch(/error|warning/);
});

test.each([
  ["without a policy", undefined, "image main has no SELinux policy"],
  [
    "with a policy that is none",
    { ...POLICY, ours: { contexts: { files: { file_contexts: CONTEXTS } }, policy: { "policy.33": "none\n" } } },
    "labels of image main cannot be set",
  ],
] as const)("yes: %s the build fails", async (_name, selinux, message) => {
  const { status, stderr } = await mkosi(["-f", "--format=directory"], {
    cwd: project("SELinuxRelabel=yes\n", selinux),
  });
  expect(status).toBe(1);
  expect(stderr).toContain(message);
  expect(stderr).toContain("at: mkosi.conf:5:1");
});
