import { existsSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { indexModules } from "../../src/boot/depmod.ts";
import type { ModuleFilter } from "../../src/boot/module-filter.ts";
import { requiredModules } from "../../src/boot/modules.ts";
import type { Config } from "../../src/settings/index.ts";
import { makeContext } from "../support/tree.ts";

const M = "usr/lib/modules/6.12";
const F = "usr/lib/firmware";
const modules = {
  [`${M}/vmlinuz`]: "",
  [`${M}/kernel/fs/ext4.ko.xz`]: "",
  [`${M}/kernel/lib/crc_16.ko.xz`]: "",
  [`${M}/kernel/crypto/crc32c.ko.xz`]: "",
  [`${M}/kernel/net/wifi.ko.xz`]: "",
  [`${M}/kernel/misc/soft.ko.xz`]: "",
  [`${M}/modules.dep`]: [
    "kernel/fs/ext4.ko.xz: kernel/lib/crc_16.ko.xz",
    "kernel/lib/crc_16.ko.xz:",
    "kernel/crypto/crc32c.ko.xz:",
    "kernel/net/wifi.ko.xz:",
    "kernel/misc/soft.ko.xz: kernel/crypto/crc32c.ko.xz",
    "",
  ].join("\n"),
  [`${M}/modules.softdep`]: "# Soft dependencies\nsoftdep crc_16 pre: soft post: not-there\n",
  [`${M}/modules.builtin.modinfo`]: "tg3.license=GPL\0tg3.firmware=tigon/tg3.bin\0tg3.softdep=pre: nothing\0",
  [`${M}/modules.dep.bin`]: "",
  [`${M}/modules.symbols`]: "",
  [`${M}/modules.symbols.bin`]: "",
};
const firmware = {
  [`${F}/tigon/tg3.bin`]: "",
  [`${F}/wifi/a-1.bin.zst`]: "",
  [`${F}/wifi/a-2.bin.zst`]: "",
  [`${F}/wifi/sub/a-3.bin`]: "",
  [`${F}/other.bin`]: "",
  [`${F}/amd-ucode/m.bin`]: "",
};

function filter(names: readonly string[], chosenFirmware: readonly string[] = []): ModuleFilter {
  return { modules: names, modulesExclude: [], firmware: chosenFirmware, firmwareExclude: [] };
}

test("takes all modules when nothing is said and there is no firmware", async () => {
  const context = await makeContext({}, modules);
  expect((await requiredModules(context, "6.12", filter([]))).modules).toHaveLength(5);
  expect(context.runner.specs).toEqual([]);
});

test("adds what a module needs, and what that may use, without asking anybody", async () => {
  const context = await makeContext({}, modules);
  const required = await requiredModules(context, "6.12", filter(["ext4"]));
  const names = ["kernel/lib/crc_16", "kernel/crypto/crc32c", "kernel/fs/ext4", "kernel/misc/soft"];
  expect(required.modules).toEqual(names.map((name) => `${M}/${name}.ko.xz`));
  expect(context.runner.specs).toEqual([]);
});

test("finds the firmware of modules and of the kernel, compressed or by pattern", async () => {
  const context = await makeContext({}, { ...modules, ...firmware }, () => "wifi/a-*.bin\nnot/there.bin\n");
  const required = await requiredModules(context, "6.12", filter(["wifi"]));
  expect(required.firmware).toEqual([`${F}/tigon/tg3.bin`, `${F}/wifi/a-1.bin.zst`, `${F}/wifi/a-2.bin.zst`]);
  expect(context.runner.commands()).toEqual(["modinfo --basedir=/buildroot --set-version=6.12 --field=firmware wifi"]);
});

test("takes the links on the way to a firmware file along", async () => {
  const context = await makeContext(
    {},
    { ...modules, [`${F}/real/x.bin`]: "", "etc/alternatives/": "", [`${F}/real/y.bin`]: "" },
    () => "link/x.bin\ny.bin\n",
  );
  await symlink("real", join(context.root, F, "link"));
  await symlink("/etc/alternatives/y", join(context.root, F, "y.bin"));
  await symlink("/usr/lib/firmware/real/y.bin", join(context.root, "etc/alternatives/y"));
  const required = await requiredModules(context, "6.12", filter(["wifi"]));
  expect(required.firmware).toEqual([
    "etc/alternatives/y",
    `${F}/link`,
    `${F}/real/x.bin`,
    `${F}/real/y.bin`,
    `${F}/y.bin`,
  ]);
});

test("does not guess when there is no index", async () => {
  const context = await makeContext({}, { [`${M}/kernel/a.ko`]: "" });
  await expect(requiredModules(context, "6.12", filter(["a"]))).rejects.toThrow("have no index");
});

async function indexed(config: Partial<Config>, files: Readonly<Record<string, string>>) {
  const context = await makeContext(config, files, () => "");
  await indexModules(context);
  return { context, here: (path: string) => existsSync(join(context.root, path)) };
}

test("removes other modules and firmware, then indexes again", async () => {
  const { context, here } = await indexed({ kernelModules: ["ext4"] }, { ...modules, ...firmware });
  expect(here(`${M}/kernel/fs/ext4.ko.xz`)).toBe(true);
  expect(here(`${M}/kernel/crypto/crc32c.ko.xz`)).toBe(true);
  expect(here(`${M}/kernel/net`)).toBe(false);
  expect(here(`${F}/other.bin`)).toBe(false);
  expect(here(`${F}/wifi`)).toBe(false);
  expect(here(`${F}/tigon/tg3.bin`)).toBe(true);
  expect(here(`${F}/amd-ucode/m.bin`)).toBe(true);
  expect(context.runner.commands().at(-1)).toBe("depmod --basedir=/buildroot --all 6.12");
});

test("indexes only what is not indexed", async () => {
  expect((await indexed({}, modules)).context.runner.commands()).toEqual([]);
  const depmod = ["depmod --basedir=/buildroot --all 6.12"];
  expect((await indexed({}, { ...modules, [`${M}/updates/new.ko`]: "" })).context.runner.commands()).toEqual(depmod);
  const { [`${M}/modules.symbols.bin`]: _missing, ...incomplete } = modules;
  expect((await indexed({}, incomplete)).context.runner.commands()).toEqual(depmod);
});
