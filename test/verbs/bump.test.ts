// bump: the version of mkosi.version is raised, as the original does it; what cannot be raised is told, and changed by nobody.

import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nextVersion } from "../../src/config/image-version.ts";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { peerDirectory, peerMissing } from "../support/peer.ts";
import { makeProject, type Tree } from "../support/project.ts";

const CONF = "[Distribution]\nDistribution=debian\nRelease=trixie\n";

test.each([
  [undefined, "1"],
  ["", "1"],
  ["1", "2"],
  ["1.9", "1.10"],
  ["1.4.0", "1.4.1"],
  ["18446744073709551615", "18446744073709551616"],
  ["1.0-rc", "1.0-rc.2"],
  ["1.0-3", "1.0-3.2"],
  ["1.", "1..2"],
])("after %s comes %s", (previous, next) => expect(nextVersion(previous)).toBe(next));

const missing = peerMissing();

test.skipIf(missing !== undefined).each<[string, Tree, ...string[]]>([
  ["no version", {}],
  ["a number", { "mkosi.version": "41\n" }],
  [
    "a version of the command line",
    { "mkosi.version": "41\n", "mkosi.bump": "#!/bin/sh\nexit 1\n" },
    "--image-version=5",
  ],
  ["components", { "mkosi.version": "1.4.9" }],
  ["something else than a number", { "mkosi.version": "1.0-rc\n" }],
  [
    "a program",
    { "mkosi.version": "7\n", "mkosi.bump": '#!/bin/sh\necho "$(pwd | sed s,.*/,,)-$(cat mkosi.version)-next"\n' },
  ],
])("the original makes the same of %s", async (_name, tree, ...args) => {
  const [ours, theirs] = [1, 2].map(() => makeProject({ project: { "mkosi.conf": CONF, ...tree } }));
  await mkosiOk([...args, "bump"], { cwd: join(ours ?? "", "project") });
  const cwd = join(theirs ?? "", "project");
  const PYTHONPATH = join(peerDirectory(), "usr/lib/python3/dist-packages");
  execFileSync("python3", ["-m", "mkosi", ...args, "bump"], {
    cwd,
    env: { ...process.env, PYTHONPATH },
    stdio: "ignore",
  });
  const written = (directory: string | undefined) =>
    readFileSync(join(directory ?? "", "project/mkosi.version"), "utf8");
  expect(written(ours).trim()).toBe(written(theirs).trim());
});

describe("mkosi bump", () => {
  test("follows a link, looks into mkosi/, and says what it has done", async () => {
    const cwd = makeProject({ mkosi: { "mkosi.conf": CONF }, version: "3.8\n" });
    symlinkSync("../version", join(cwd, "mkosi/mkosi.version"));
    expect((await mkosiOk(["bump"], { cwd })).stdout).toBe("3.8 → 3.9\n");
    expect(readFileSync(join(cwd, "version"), "utf8")).toBe("3.9\n");
    expect(lstatSync(join(cwd, "mkosi/mkosi.version")).isSymbolicLink()).toBe(true);
    expect((await mkosiOk(["-C", cwd, "--quiet", "bump"], { cwd: "/" })).stdout).toBe("");
    expect(readFileSync(join(cwd, "version"), "utf8")).toBe("3.10\n");
  });

  test.each<[string, string, string]>([
    ["prints nothing", "#!/bin/sh\n", "has printed no version"],
    ["prints too much", "#!/bin/sh\necho 1; echo 2\n", "has printed more than one line"],
    ["fails", "#!/bin/sh\nexit 3\n", "could not be run"],
    ["is not executable", "echo 5\n", "run: chmod +x"],
  ])("leaves the version alone when mkosi.bump %s", async (_what, program, message) => {
    const cwd = makeProject({ "mkosi.conf": CONF, "mkosi.version": "5\n", "mkosi.bump": program });
    const { status, stderr } = await mkosi(["bump"], { cwd });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(message) });
    expect(readFileSync(join(cwd, "mkosi.version"), "utf8")).toBe("5\n");
  });

  test("does not write over a program", async () => {
    const cwd = makeProject({ "mkosi.conf": CONF, "mkosi.version": "#!/bin/sh\necho 9\n" });
    const { status, stderr } = await mkosi(["bump"], { cwd });
    expect(status).toBe(1);
    expect(stderr).toContain("mkosi.version is a program that prints the version");
    expect(readFileSync(join(cwd, "mkosi.version"), "utf8")).toContain("echo 9");
  });

  test("needs a project", async () => {
    const { status, stderr } = await mkosi(["-C", "", "bump"], { cwd: makeProject() });
    expect(status).toBe(1);
    expect(stderr).toContain("without a project there is no mkosi.version");
  });
});

describe("--auto-bump", () => {
  test("means nothing to a verb that builds nothing, as with the original", async () => {
    const cwd = makeProject({ "mkosi.conf": CONF, "mkosi.version": "7\n", "mkosi.bump": "#!/bin/sh\ntouch ran\n" });
    const { stdout } = await mkosiOk(["--json", "-B", "summary"], { cwd });
    expect(JSON.parse(stdout).Images[0].ImageVersion).toBe("7");
    expect(existsSync(join(cwd, "ran"))).toBe(false);
  });

  test("a version that cannot be read is told", async () => {
    const cwd = makeProject({ "mkosi.conf": CONF });
    writeFileSync(join(cwd, "mkosi.version"), "1\0");
    chmodSync(join(cwd, "mkosi.version"), 0o644);
    const { status, stderr } = await mkosi(["-B", "bump"], { cwd });
    expect(status).toBe(1);
    expect(stderr).toContain("NUL character");
  });
});
