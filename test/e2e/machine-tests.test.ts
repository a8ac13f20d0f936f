// `mkosi test` on one directory image, that of examples/tested: in containers, several at once; with --all in a machine, too.

import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { tryLock } from "../../src/sandbox/lock.ts";
import { takeSnapshot } from "../support/cleanliness.ts";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { type Tree, writeTree } from "../support/project.ts";

const all = process.env["MKOSI_TEST_ALL"] === "1";

const EXAMPLE = join(import.meta.dirname, "../../examples/tested");

/** What is added to the example. */
const MORE: Tree = {
  "mkosi.conf.d": { "more.conf": "[Test]\nTestUnits=nothing.service\nTestPorts=1\nTestMaxSize=1M\n" },
  "mkosi.test": {
    "good.test":
      '#!/bin/sh -e\necho "run as $(id -un), the system is $(systemctl is-system-running)"\ntouch /changed\n',
    "bad.test": "#!/bin/sh\necho one\necho two >&2\nexit 3\n",
    "skipped.test": "#!/bin/sh\nexit 77\n",
    "unit.service": "[Service]\nType=oneshot\nExecStart=test -d /run/systemd/system\n",
    "hangs.test": "#!/bin/sh\nsleep 1000\n",
    "off.test": "#!/bin/sh\nsystemctl poweroff --force --force\nsleep 100\n",
  },
};

describe.skipIf(process.getuid?.() !== 0)("tests of images in containers, which take root", () => {
  let cwd = "";

  beforeAll(async () => {
    cwd = mkdtempSync("/tmp/mkosi-test-");
    cpSync(EXAMPLE, cwd, { recursive: true, filter: (path) => !path.endsWith("/mkosi.output") });
    if (all) writeTree(cwd, { "mkosi.conf.d": { "kernel.conf": "[Content]\nPackages=linux-image-cloud-amd64\n" } });
    await mkosiOk([], { cwd });
    return () => rmSync(cwd, { recursive: true, force: true });
  });

  test("the example passes as it is", async () => {
    const { stdout, stderr, status } = await mkosi(["--tap", "--test-max-size=1G", "test"], { cwd, timeout: 120 });
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining(" 0 failed, 0 skipped") });
    const names = ["size", "boot", "unit:dbus.socket", "unit:systemd-journald.service", "console:login:"];
    for (const name of [...names, "failed-units", "accounts.test", "bus.service"])
      expect(stdout).toMatch(new RegExp(`^ok \\d+ - main: ${name}$`, "m"));
  });

  function addTests(): void {
    writeTree(cwd, MORE);
    for (const name of ["good", "bad", "skipped", "hangs", "off"])
      chmodSync(join(cwd, `mkosi.test/${name}.test`), 0o755);
  }

  test("four at once: each result and its reason; nothing is left, and the image is as it was", async () => {
    addTests();
    const before = takeSnapshot([cwd], ["results.xml"]);
    const chosen = [
      "size",
      "boot",
      "unit:dbus*",
      "unit:nothing*",
      "port:*",
      "console:*",
      "good",
      "bad",
      "skipped",
      "unit.service",
      "off",
    ];
    const { status, stdout, stderr } = await mkosi(["--jobs=4", "--tap", "--junit=results.xml", "test", ...chosen], {
      cwd,
      timeout: 180,
    });
    expect(status).toBe(1);
    const points = stdout.split("\n").filter((line) => /^(not )?ok /.test(line));
    expect(points.map((line) => line.replace(/ok \d+ - main: /, "ok "))).toEqual([
      "not ok size",
      "ok boot",
      "ok unit:dbus.socket",
      "not ok unit:nothing.service",
      "not ok port:1/tcp",
      "ok console:login:",
      "not ok bad.test",
      "ok good.test",
      "not ok off.test",
      "ok skipped.test # SKIP it ended with status 77",
      "ok unit.service",
    ]);
    expect(stderr).toMatch(/size .*TestMaxSize= allows 1.0 MiB/);
    expect(stderr).toMatch(/unit:nothing.service .*: it is inactive/);
    expect(stderr).toMatch(/port:1\/tcp .*: nobody listens there/);
    expect(stderr).toMatch(
      /bad.test .*: it ended with status 3\n +\| one\n +\| two\n +Logs: .*\/mkosi.output\/tested.test\/bad.test/,
    );
    expect(stderr).toMatch(/off.test .*: the container ended before it was done/);
    expect(stderr).toContain("5 passed, 5 failed, 1 skipped");
    const log = (path: string) => readFileSync(join(cwd, "mkosi.output/tested.test", path), "utf8");
    expect(log("good.test/output.log")).toBe("run as root, the system is running\n");
    expect(log("good.test/console.log")).toContain("Reached target");
    expect(log("good.test/journal.log")).toContain("Starting mkosi-test.service");
    expect(existsSync(join(cwd, "mkosi.output/tested/changed"))).toBe(false);
    const cases = execFileSync(
      "python3",
      [
        "-c",
        "import xml.etree.ElementTree as e; r = e.parse('results.xml').getroot(); print(r.tag, r.get('tests'), r.get('failures'), r.get('skipped'), [f.text for c in r.iter('testcase') if c.get('name') == 'bad.test' for f in c])",
      ],
      { cwd, encoding: "utf8" },
    );
    expect(cases).toMatch(/^testsuites 11 5 1 \['one\\ntwo\\nLogs: /);
    expect(await before.leftovers()).toEqual([]);
  });

  test("a test that hangs is ended, and Ctrl-C ends all", async () => {
    addTests();
    const before = takeSnapshot([cwd], []);
    const late = await mkosi(["--test-timeout=8", "test", "hangs"], { cwd, timeout: 120 });
    expect(late).toMatchObject({ status: 1, stderr: expect.stringMatching(/hangs.test .*after 8.0s/) });
    const { status } = await mkosi(["--jobs=2", "test", "hangs", "boot"], {
      cwd,
      timeout: 120,
      onOutput: (text, child) => void (text.includes("✓ main") && child.kill("SIGINT")),
    });
    expect(status).toBe(130);
    const held = await tryLock(join(cwd, "mkosi.output/tested.test"));
    const second = await mkosi(["test", "good"], { cwd });
    expect(second).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("another mkosi test of the image main"),
    });
    await held?.[Symbol.asyncDispose]();
    expect(await before.leftovers()).toEqual([]);
  });

  test.skipIf(!all)("in a machine", async () => {
    addTests();
    const before = takeSnapshot([cwd], []);
    const { status, stdout, stderr } = await mkosi(
      [
        "--kvm=no",
        "--kernel-command-line-extra=init=/usr/lib/systemd/systemd systemd.mask=systemd-journal-catalog-update.service",
        "--test-timeout=550",
        "--test-machine=vm",
        "--tap",
        "test",
        "boot",
        "unit:dbus.socket",
        "console:*",
        "good",
        "bad",
      ],
      { cwd, timeout: 580 },
    );
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/bad.test .*: it ended with status 3/),
    });
    const points = stdout.split("\n").filter((line) => /^(not )?ok /.test(line));
    expect(points.map((line) => line.replace(/ok \d+ - main: /, "ok "))).toEqual([
      "ok boot",
      "ok unit:dbus.socket",
      "ok console:login:",
      "not ok bad.test",
      "ok good.test",
    ]);
    expect(await before.leftovers()).toEqual([]);
  });

  test("a test that cannot be run is refused before anything is built or booted", async () => {
    addTests();
    writeFileSync(join(cwd, "plain.test"), "#!/bin/sh\n");
    const { status, stderr } = await mkosi(["--test=plain.test", "test"], { cwd });
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining("is not executable") });
    const report = await mkosi(["--junit=nowhere/x.xml", "test", "good"], { cwd });
    expect(report).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error: the report of the tests cannot/),
    });
    expect((await mkosi(["test", "goof"], { cwd })).stderr).toContain("Did you mean good?");
  });
});
