// `mkosi dependencies` lists what the original lists.

import { join } from "node:path";
import { expect, test } from "vitest";
import { mkosiOk, run } from "../support/mkosi.ts";
import { peerDirectory, peerMissing } from "../support/peer.ts";
import { makeProject } from "../support/project.ts";

const noPeer = peerMissing();

test
  .skipIf(noPeer !== undefined)
  .for([
    [],
    ["--profile", "runtime"],
    ["--profile", "package-manager,misc"],
    ["--distribution=arch"],
    ["--distribution=fedora", "--profile=runtime"],
    ["--distribution=postmarketos"],
    ["--distribution=opensuse"],
  ])(`dependencies -- %s${noPeer === undefined ? "" : `: ${noPeer}`}`, async (options) => {
  // What is configured for images does not count.
  const cwd = makeProject({ "mkosi.conf": "[Content]\nPackages=of-the-image\n" });
  const env = { PYTHONPATH: join(peerDirectory(), "usr/lib/python3/dist-packages") };
  const theirs = await run(["python3", "-m", "mkosi", "dependencies", "--", ...options], { cwd, env });
  expect(theirs.status).toBe(0);
  // The original names what is in two of its lists twice.
  const names = [...new Set(theirs.stdout.split("\n"))].join("\n");
  expect((await mkosiOk(["dependencies", "--", ...options], { cwd })).stdout).toBe(names);
});
