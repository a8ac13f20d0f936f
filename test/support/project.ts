// Projects for tests, written down as an object: a string is a file, an object a directory, a Buffer a binary file.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export interface Tree {
  readonly [name: string]: string | Buffer | Tree;
}

/** Writes a tree of files; what begins with `#!` becomes executable. */
export function writeTree(directory: string, tree: Tree): void {
  mkdirSync(directory, { recursive: true });
  for (const [name, entry] of Object.entries(tree)) {
    const path = join(directory, name);
    if (typeof entry !== "string" && !Buffer.isBuffer(entry)) {
      writeTree(path, entry);
      continue;
    }
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, entry);
    if (entry.toString().startsWith("#!")) chmodSync(path, 0o755);
  }
}

/**
 * Makes a project directory that is removed when the test ends (after a failure it stays with MKOSI_TEST_KEEP=1).
 * Call it within a test.
 */
export function makeProject(tree: Tree = {}): string {
  const directory = mkdtempSync(join(tmpdir(), "mkosi-test-"));
  // Tests for other users enter it, too.
  chmodSync(directory, 0o755);
  writeTree(directory, tree);
  onTestFinished(({ task }) => {
    if (process.env["MKOSI_TEST_KEEP"] === "1" && task.result?.state === "fail") return;
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}
