// The original mkosi (27.1, Debian forky's package) to compare with. `./x test` and `./x bench` unpack it into the
// user's cache.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

const FETCH = resolve(import.meta.dirname, "../../scripts/fetch-peer.sh");

export function peerDirectory(): string {
  return (
    process.env["MKOSI_PEER"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "mkosi-test/peer")
  );
}

/** Fetches it when it is not there. Returns why it cannot be run, or undefined when it can. */
export function peerMissing(): string | undefined {
  if (spawnSync("python3", ["-c", "import sys; assert sys.version_info >= (3, 10)"]).status !== 0) {
    return "the original mkosi needs python3 3.10 or newer";
  }
  if (existsSync(join(peerDirectory(), "usr/bin/mkosi"))) return undefined;
  const fetched = spawnSync(FETCH, { encoding: "utf8", timeout: 180_000 });
  return fetched.status === 0
    ? undefined
    : `the original mkosi cannot be fetched: ${fetched.stderr.trim().split("\n").at(-1)}`;
}
