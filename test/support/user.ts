// An unprivileged user with subordinate ids, for tests that must also work without root.

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { CHECKOUT } from "./mkosi.ts";

export interface User {
  readonly name: string;
  /** Goes before the command line of what the user is to run. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A directory that belongs to the user. */
  readonly home: string;
  /** Where this user finds the program: the checkout may be in a directory that only its owner may enter. */
  readonly checkout: string;
}

const NAME = "mkosi-test";

/**
 * The user who runs the tests, or, when that is root, the user `mkosi-test`, who is made when missing.
 * Returns why there is none as a string.
 */
export function unprivilegedUser(): User | string {
  if (process.getuid?.() !== 0) {
    const { username } = userInfo();
    return hasSubordinateIds(username)
      ? { name: username, command: [], env: {}, home: homedir(), checkout: CHECKOUT }
      : `the user ${username} has no range of ids in /etc/subuid and /etc/subgid`;
  }
  if (spawnSync("id", [NAME]).status !== 0) {
    const made = spawnSync("useradd", ["--create-home", "--shell", "/bin/sh", NAME], { encoding: "utf8" });
    if (made.status !== 0) return `no user can be made: ${made.stderr.trim()}`;
  }
  if (!hasSubordinateIds(NAME)) {
    const free = nextFreeId();
    const range = `${free}-${free + 65535}`;
    const given = spawnSync("usermod", ["--add-subuids", range, "--add-subgids", range, NAME], { encoding: "utf8" });
    if (given.status !== 0) return `the user ${NAME} cannot be given subordinate ids: ${given.stderr.trim()}`;
  }
  const home = execFileSync("getent", ["passwd", NAME], { encoding: "utf8" }).split(":")[5] ?? "/";
  return {
    name: NAME,
    command: ["setpriv", `--reuid=${NAME}`, `--regid=${NAME}`, "--init-groups", "--inh-caps=-all", "--"],
    env: { HOME: home, USER: NAME, LOGNAME: NAME },
    home,
    checkout: copyProgram(home),
  };
}

function hasSubordinateIds(name: string): boolean {
  return ["/etc/subuid", "/etc/subgid"].every(
    (file) => existsSync(file) && readFileSync(file, "utf8").includes(`${name}:`),
  );
}

/** The first id above all ranges that are given away. */
function nextFreeId(): number {
  const text = existsSync("/etc/subuid") ? readFileSync("/etc/subuid", "utf8") : "";
  const ends = text.split("\n").map((line) => line.split(":").slice(1).map(Number));
  return Math.max(100_000, ...ends.map(([start = 0, count = 0]) => start + count));
}

function copyProgram(home: string): string {
  // Tests of several checkouts may run at once.
  const place = join(home, `checkout-${createHash("sha256").update(CHECKOUT).digest("hex").slice(0, 8)}`);
  mkdirSync(place, { recursive: true });
  // Root owns the copy and everybody may read it: the user needs no more. Another test file may be running it, so
  // only what has changed is written, and never in place.
  const names = ["bin", "dist", "builtin", "package.json"].map((name) => join(CHECKOUT, name));
  execFileSync("cp", ["--archive", "--no-preserve=ownership", "--update", "--remove-destination", ...names, place]);
  execFileSync("chmod", ["-R", "a+rX", place]);
  return place;
}
