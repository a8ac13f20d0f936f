// Distribution=custom: a tree without packages, as the original makes it.

import { join } from "node:path";
import { expect, test } from "vitest";
import { listing } from "../support/listing.ts";
import { mkosi, mkosiOk, run } from "../support/mkosi.ts";
import { peerDirectory, peerMissing } from "../support/peer.ts";
import { makeProject, type Tree } from "../support/project.ts";
import { keptToolsTree } from "../support/tools-tree.ts";

const noPeer = process.getuid?.() === 0 ? peerMissing() : "the original is run as root here";

test.skipIf(noPeer !== undefined)(
  `a tree of skeleton, extra trees and scripts is as the original makes it${noPeer === undefined ? "" : `: ${noPeer}`}`,
  async () => {
    const tree: Tree = {
      "mkosi.conf": `[Distribution]\nDistribution=custom\n[Output]\nFormat=directory\n[Build]\nToolsTree=${keptToolsTree()}\n`,
      "mkosi.skeleton": { usr: { lib: { "os-release": "ID=mine\n" } } },
      "mkosi.extra": { etc: { extra: "extra\n" } },
      "mkosi.postinst":
        '#!/bin/sh\nmkdir -p "$BUILDROOT/usr/bin"; echo made >"$BUILDROOT/usr/bin/made"; ! command -v mkosi-install\n',
    };
    const [ours, theirs] = [makeProject(tree), makeProject(tree)];
    await mkosiOk(["build"], { cwd: ours });
    const env = { PYTHONPATH: join(peerDirectory(), "usr/lib/python3/dist-packages") };
    const built = await run(["python3", "-m", "mkosi", "build"], { cwd: theirs, env });
    expect([built.status, built.stderr.slice(-2000)]).toEqual([0, expect.anything()]);
    expect(lines(join(ours, "image"))).toEqual(lines(join(theirs, "image")));
  },
);

/** Without the lock file of a program that looks at users, and places for mounts. */
function lines(directory: string): string[] {
  const skipped = / \.\/(?:etc\/\.pwd\.lock|dev|proc|sys|run|tmp|var|var\/tmp) ?$/;
  return listing(directory)
    .split("\n")
    .filter((line) => !skipped.test(line) && !line.endsWith("./etc/.pwd.lock"));
}

test("protection that the format cannot have is not left out without a word", async () => {
  const cwd = makeProject({ "mkosi.conf": "[Distribution]\nDistribution=custom\n" });
  const tools = `--tools-tree=${keptToolsTree()}`;
  const { stderr } = await mkosiOk([tools, "--format=directory", "--verity=hash", "--output-size=1M"], { cwd });
  expect(stderr).toContain("Verity= has no effect with Format=directory (command line option --verity)");
  expect(stderr).toContain("OutputSize= has no effect with Format=directory");
});

test("packages are refused by name and place", async () => {
  const cwd = makeProject({ "mkosi.conf": "[Distribution]\nDistribution=custom\n[Content]\nPackages=bash\n" });
  const { status, stderr } = await mkosi(["build"], { cwd });
  expect(status).toBe(1);
  expect(stderr).toMatch(/Distribution=custom has no packages, but Packages= names bash\n.*mkosi\.conf:4/);
});
