// Before the first real test: the default tools tree is in the cache, which tests link to, read and run programs of.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mkosiOk } from "./mkosi.ts";

export default async function setup(): Promise<void> {
  const cwd = mkdtempSync(join(tmpdir(), "mkosi-test-"));
  try {
    await mkosiOk(["--tools-tree=default", "--distribution=custom", "--format=none", "build"], { cwd });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
