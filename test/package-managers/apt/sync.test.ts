// Which of apt's lists say what repositories have.

import { expect, test } from "vitest";
import { statingFiles } from "../../../src/package-managers/apt/sync.ts";

test("Release files stand for their repositories; lists of those that have none stand for themselves", () => {
  const flat = "_repo_._Packages";
  const names = ["_repo_signed_._InRelease", "_repo_signed_._Packages", "host_debian_dists_sid_Release", flat, "lock"];
  const covered = "host_debian_dists_sid_main_binary-amd64_Packages";
  expect(statingFiles([...names, covered, "_repo_b_._Packages.lz4"])).toEqual([
    ...[flat, "_repo_b_._Packages.lz4", "_repo_signed_._InRelease", "host_debian_dists_sid_Release"],
  ]);
});
