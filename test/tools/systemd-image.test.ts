import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Failure } from "../../src/report/failure.ts";
import { CommandFailure } from "../../src/sandbox/spawn.ts";
import { runHwdb, runPresets, runSysusers, runTmpfiles } from "../../src/tools/systemd-image.ts";
import { makeContext } from "../support/tree.ts";

const declared = {
  "usr/lib/sysusers.d/basic.conf": "",
  "usr/lib/tmpfiles.d/basic.conf": "",
  "usr/lib/systemd/system/": "",
  "usr/lib/udev/hwdb.d/20.hwdb": "",
  "etc/udev/hwdb.bin": "old",
  "etc/passwd": "",
};

test("runs each program on the tree at /buildroot", async () => {
  const context = await makeContext({ environment: { A: "b" }, sourceDateEpoch: 1700000000 }, declared);
  await runSysusers(context);
  await runTmpfiles(context);
  await runPresets(context);
  await runHwdb(context);
  expect(context.runner.commands()).toEqual([
    "systemd-sysusers --root=/buildroot",
    "systemd-tmpfiles --root=/buildroot --boot --create --remove --exclude-prefix=/tmp --exclude-prefix=/var/tmp " +
      "--exclude-prefix=/run --exclude-prefix=/proc --exclude-prefix=/sys --exclude-prefix=/dev",
    "systemctl --root=/buildroot preset-all",
    "systemctl --root=/buildroot --global preset-all",
    "systemd-hwdb --root=/buildroot --usr --strict update",
  ]);
  expect(context.runner.specs[0]).toMatchObject({
    base: { kind: "tools", toolbox: context.toolbox },
    mounts: [{ type: "bind", source: context.root, target: "/buildroot", readOnly: false }],
    env: { A: "b", SOURCE_DATE_EPOCH: "1700000000" },
  });
  expect(context.runner.specs[1]?.mounts).toContainEqual({
    type: "bind",
    source: join(context.root, "etc/passwd"),
    target: "/etc/passwd",
    readOnly: true,
  });
  expect(existsSync(join(context.root, "etc/udev/hwdb.bin"))).toBe(false);
});

test("leaves a tree alone that declares nothing", async () => {
  const context = await makeContext({}, {}, undefined, []);
  for (const run of [runSysusers, runTmpfiles, runPresets, runHwdb]) await run(context);
  expect(context.runner.commands()).toEqual([]);
});

test.each([
  [runSysusers, "systemd-sysusers"],
  [runTmpfiles, "systemd-tmpfiles"],
  [runPresets, "systemctl"],
])("names the program that is missing: %o", async (run, program) => {
  const context = await makeContext({}, declared, undefined, []);
  await expect(run(context)).rejects.toThrow(new RegExp(`^${program} is not in the tools tree`));
  await expect(run(context)).rejects.toBeInstanceOf(Failure);
});

test("lets the image compile its hardware database when the tools cannot", async () => {
  const context = await makeContext({}, { ...declared, "usr/bin/systemd-hwdb": "" }, undefined, []);
  await runHwdb(context);
  expect(context.runner.specs).toMatchObject([
    { argv: ["systemd-hwdb", "--usr", "--strict", "update"], base: { kind: "image", root: context.root } },
  ]);
  const without = await makeContext({}, declared, undefined, []);
  await runHwdb(without);
  expect(without.runner.specs).toEqual([]);
  expect(without.notes.join("")).toContain("the hardware database is not compiled");
});

test.each([65, 73])("takes status %d of systemd-tmpfiles for a success", async (status) => {
  await runTmpfiles(await makeContext({}, declared, () => status));
});

test("passes on every other status", async () => {
  await expect(runTmpfiles(await makeContext({}, declared, () => 1))).rejects.toBeInstanceOf(CommandFailure);
  await expect(runSysusers(await makeContext({}, declared, () => 65))).rejects.toBeInstanceOf(CommandFailure);
});
