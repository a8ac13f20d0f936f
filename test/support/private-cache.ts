// A cache directory for tests that empty it: with the packages (as hard links) and the tools tree (as a link) of the shared one.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { cacheDirectory, keptToolsTree } from "./tools-tree.ts";

export interface PrivateCache {
  /** `…/mkosi`. */
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Makes one, which is gone after the test. What a test needs in it has to be in the shared cache. */
export function privateCache(): PrivateCache {
  const shared = cacheDirectory();
  // On the same file system.
  const place = mkdtempSync(join(dirname(shared), "mkosi-test-cache-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const path = join(place, "mkosi");
  mkdirSync(path);
  execFileSync("cp", ["--archive", "--link", join(shared, "apt"), path]);
  // Hard links would change the files' times of change, by which builds see that tools are others.
  if (existsSync(join(shared, "tools"))) {
    const tree = dirname(keptToolsTree());
    mkdirSync(join(path, "tools"));
    symlinkSync(tree, join(path, "tools", basename(tree)));
  }
  // A link to a lock file is the same lock.
  execFileSync("find", [
    path,
    "-maxdepth",
    "4",
    "(",
    "-name",
    "*.lock",
    "-o",
    "-name",
    "lock",
    ")",
    "-type",
    "f",
    "-delete",
  ]);
  return { path, env: { XDG_CACHE_HOME: place } };
}
