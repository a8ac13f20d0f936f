// Links of the tree are those of the image: an absolute one leads to what is in the tree, never to this machine's files.

import { mkdir, readFile, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { entryName, entryToken, kernelCommandLine } from "../../src/boot/entry.ts";
import { firmwareFiles, requiredFirmware } from "../../src/boot/firmware.ts";
import { installGrub } from "../../src/boot/grub.ts";
import { findKernels, findPrebuiltImages, placeKernels } from "../../src/boot/kernels.ts";
import { installSystemdBoot } from "../../src/boot/systemd-boot.ts";
import { installKernels } from "../../src/boot/uki.ts";
import type { Config } from "../../src/settings/index.ts";
import { makePe } from "../formats/make-pe.ts";
import { makeContext, makeDirectory, type TestContext, writeTree } from "../support/tree.ts";

const kernel = makePe({ ".text": "kernel" });
const uki = makePe({ ".sdmagic": "#", ".osrel": "ID=x", ".linux": "k" });
const KERNEL = { "usr/lib/modules/6.1/vmlinuz": kernel, "usr/lib/modules/6.1/modules.dep": "" };
const EFI = "usr/lib/systemd/boot/efi";

type Files = Readonly<Record<string, string | Buffer>>;

async function link(root: string, links: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, target] of Object.entries(links)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await symlink(target, join(root, path));
  }
}

/** A tree with links. `host` in them is a directory of this machine that has the same files as the tree's opt/. */
async function tree(links: Files, files: Files, config: Partial<Config> = {}): Promise<TestContext> {
  const context = await makeContext(config, files);
  const host = makeDirectory();
  const opt = Object.entries(files).filter(([path]) => path.startsWith("opt/"));
  await writeTree(host, Object.fromEntries(opt.map(([path, content]) => [path.slice("opt/".length), content])));
  const targets = Object.entries(links).map(([path, target]) => [path, String(target).replace(/^host\b/, host)]);
  await link(context.root, Object.fromEntries(targets));
  return context;
}

test("kernels are found through links within the tree only", async () => {
  const files = { "opt/k": kernel, "opt/u": uki, "usr/lib/modules/1/a": "", "usr/lib/modules/2/a": "" };
  const links = {
    "usr/lib/modules/1/vmlinuz": "/opt/k",
    "usr/lib/modules/2/vmlinuz": "host/k",
    "usr/lib/modules/1/x.efi": "/opt/u",
    "usr/lib/modules/2/x.efi": "host/u",
  };
  const { root } = await tree(links, files);
  expect(await findKernels(root)).toEqual([{ version: "1", path: join(root, "opt/k") }]);
  expect(await findPrebuiltImages(root)).toEqual([{ version: "1", path: join(root, "opt/u") }]);
  const whole = await tree({ "usr/lib/modules": "host/modules", boot: "/opt" }, { "opt/modules/3/vmlinuz": kernel });
  expect(await findKernels(whole.root)).toEqual([]);
  const moved = await tree({ boot: "/opt" }, { "opt/vmlinuz-3.1": kernel, "usr/lib/modules/3.1/a": "" });
  await placeKernels(moved.root);
  expect(await findKernels(moved.root)).toHaveLength(1);
});

test("what names and begins boot entries is the tree's own", async () => {
  const files = { "opt/token": "mine\n", "opt/release": "ID=tree\n", "opt/tries": "3\n", "opt/cmdline": "quiet\n" };
  const places = {
    "etc/kernel/entry-token": "token",
    "etc/kernel/tries": "tries",
    "etc/kernel/cmdline": "cmdline",
    "etc/os-release": "release",
  };
  const linked = (to: string) =>
    Object.fromEntries(Object.entries(places).map(([path, name]) => [path, `${to}/${name}`]));
  const inside = await tree(linked("/opt"), files);
  expect(await entryName(inside, "6.1")).toBe("mine-6.1+3");
  expect(await kernelCommandLine(inside, [])).toBe("quiet");
  const outside = await tree(linked("host"), files);
  expect(await entryName(outside, "6.1")).toBe("Default-6.1");
  expect(await kernelCommandLine(outside, [])).toBe("");
  const id = { "opt/id": "0e6b3ba10dc44f0f9c4fc1ad9e0f1a9b\n" };
  const release = await tree({ "etc/os-release": "/opt/release", "etc/machine-id": "host/id" }, { ...files, ...id });
  expect(await entryToken(release.root)).toBe("tree");
});

test("systemd-stub and os-release of a unified kernel image are the tree's", async () => {
  const stub = `${EFI}/linuxx64.efi.stub`;
  const files = { ...KERNEL, "opt/stub": "stub", "opt/release": "ID=tree\n" };
  const made = async (place: string) => {
    const links = { [stub]: `${place}/stub`, "usr/lib/os-release": "/opt/release" };
    const context = await tree(links, files, { unifiedKernelImages: "unsigned", kernelModulesInitrd: false });
    await installKernels(context, { initrds: [] });
    const spec = context.runner.specs.find(({ argv }) => argv[0] === "ukify");
    return { sources: (spec?.mounts ?? []).flatMap((mount) => ("source" in mount ? [mount.source] : [])), context };
  };
  const { sources, context } = await made("/opt");
  expect(sources).toEqual(expect.arrayContaining(["stub", "release"].map((name) => join(context.root, "opt", name))));
  await expect(made("host")).rejects.toThrow(`systemd-stub is not in it (/${stub})`);
});

test("boot loaders are looked for in the tree only", async () => {
  const loader = { "opt/systemd-bootx64.efi": "loader" };
  const withLoader = async (target: string) => {
    const context = await tree({ [EFI]: target }, { ...KERNEL, ...loader });
    await installSystemdBoot(context);
    return context.runner.commands().length;
  };
  expect([await withLoader("/opt"), await withLoader("host")]).toEqual([1, 0]);
  const grub = { "opt/normal.mod": "", "opt/boot.img": "boot" };
  const withGrub = async (target: string) => {
    const config: Partial<Config> = { bootloader: "none", biosBootloader: "grub" };
    const context = await tree({ "usr/lib/grub/i386-pc": target }, { ...KERNEL, ...grub }, config);
    await writeTree(join(dirname(context.root), "tools"), { "usr/bin/grub-mkimage": "" });
    await installGrub(context);
    return await readFile(join(context.root, "efi/grub/i386-pc/boot.img"), "utf8").catch(() => "none");
  };
  expect([await withGrub("/opt"), await withGrub("host")]).toEqual(["boot", "none"]);
});

test("firmware comes with the links on the way to it, and not from elsewhere", async () => {
  const F = "usr/lib/firmware";
  const files = { "opt/real/a.bin": "", [`${F}/b.bin.xz`]: "" };
  const links = {
    [`${F}/dir`]: "/opt/real",
    [`${F}/c.bin.xz`]: "b.bin.xz",
    [`${F}/out`]: "host/real",
    [`${F}/loop`]: "loop",
  };
  const { root } = await tree(links, files);
  const needed = ["dir/a.bin", "c.bin", "out/a.bin", "loop/a.bin"];
  const filter = { modules: [], modulesExclude: [], firmware: [], firmwareExclude: [] };
  expect(await requiredFirmware(root, await firmwareFiles(root), needed, filter)).toEqual([
    "opt/real/a.bin",
    `${F}/b.bin.xz`,
    `${F}/c.bin.xz`,
    `${F}/dir`,
  ]);
});
