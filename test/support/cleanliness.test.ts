// The check for leftovers must see leftovers, or all tests that use it would pass for nothing.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { takeSnapshot } from "./cleanliness.ts";
import { makeProject } from "./project.ts";

test("nothing new is nothing left", async () => {
  expect(await takeSnapshot([makeProject({ file: "" })]).leftovers()).toEqual([]);
});

test("a new file is left, an allowed one is not", async () => {
  const directory = makeProject({ old: "" });
  const snapshot = takeSnapshot([directory], ["image"]);
  writeFileSync(join(directory, "image"), "");
  writeFileSync(join(directory, "image.partial"), "");
  expect(await snapshot.leftovers(0.3)).toEqual([`file ${join(directory, "image.partial")}`]);
});

test.skipIf(process.getuid?.() !== 0)("an abandoned process in a namespace of its own is left", async () => {
  const snapshot = takeSnapshot();
  const script = "unshare --mount sleep 60 >/dev/null 2>&1 & echo $!";
  const pid = Number(execFileSync("sh", ["-c", script], { encoding: "utf8" }));
  try {
    expect(await snapshot.leftovers(0.3)).toEqual([`process ${pid} sleep 60`]);
  } finally {
    process.kill(pid);
  }
});

test.skipIf(process.getuid?.() !== 0)("a mount is left", async () => {
  const directory = makeProject();
  const target = join(directory, "mounted");
  mkdirSync(target);
  const snapshot = takeSnapshot();
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", target]);
  try {
    expect(await snapshot.leftovers(0.3)).toEqual([`mount ${target}`]);
  } finally {
    execFileSync("umount", [target]);
    rmSync(target, { recursive: true });
  }
});
