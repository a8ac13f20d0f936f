// init: what it writes is obeyed by the real systemd-tmpfiles, and takes packages only.

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";
import { unprivilegedUser } from "../support/user.ts";

const user = unprivilegedUser();
const noTmpfiles = spawnSync("systemd-tmpfiles", ["--version"]).status !== 0;

test.skipIf(typeof user === "string" || noTmpfiles)("old packages go, tools trees and layers stay", async () => {
  if (typeof user === "string") throw new Error(user);
  const cache = Object.fromEntries(
    ["apt/archives", "dnf", "tools", "incremental", "logs"].map((name) => [name, { file: "" }]),
  );
  const cwd = makeProject({ cache: { mkosi: cache }, config: {} });
  spawnSync("chown", ["-R", user.name, cwd]);
  const env = { XDG_CONFIG_HOME: join(cwd, "config"), XDG_CACHE_HOME: join(cwd, "cache") };
  const file = join(cwd, "config/user-tmpfiles.d/mkosi.conf");
  expect((await mkosiOk(["init"], { cwd, user, env })).stdout).toBe(`${file}\n`);
  expect((await mkosiOk(["--quiet", "init"], { cwd, user, env })).stdout).toBe("");
  const text = readFileSync(file, "utf8");
  expect(text).toContain("e %C/mkosi/apt - - - 90d\n");
  // Nothing here is that old: nobody can set the time at which a file was made.
  writeFileSync(file, text.replaceAll("90d", "1us"));
  const [program, ...args] = [...user.command, "systemd-tmpfiles", "--user", "--clean", file];
  const cleaned = spawnSync(program, args, { env: { ...process.env, ...env, HOME: cwd }, encoding: "utf8" });
  expect([cleaned.status, cleaned.stderr]).toEqual([0, ""]);
  const left = ["apt/archives", "dnf", "tools", "incremental", "logs"].filter((name) =>
    existsSync(join(cwd, "cache/mkosi", name, "file")),
  );
  expect(left).toEqual(["tools", "incremental", "logs"]);
});

test.skipIf(typeof user === "string")("a place that cannot be written to is named", async () => {
  if (typeof user === "string") throw new Error(user);
  const cwd = makeProject({ config: {} });
  chmodSync(join(cwd, "config"), 0o755);
  const { status, stderr } = await mkosi(["init"], { cwd, user, env: { XDG_CONFIG_HOME: join(cwd, "config") } });
  expect([status, stderr]).toEqual([1, expect.stringContaining("user-tmpfiles.d/mkosi.conf cannot be written")]);
});
