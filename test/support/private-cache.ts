// A cache directory for tests that empty it: with the packages and the tools tree of the shared one, as hard links.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
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
  // Of tools trees only the one that was used last: they are large.
  const used = existsSync(join(shared, "tools")) ? [dirname(keptToolsTree())] : [];
  for (const source of [join(shared, "apt"), ...used]) {
    const target = join(path, relative(shared, source));
    mkdirSync(dirname(target), { recursive: true });
    execFileSync("cp", ["--archive", "--link", source, target]);
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
