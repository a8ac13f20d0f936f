// Links of the tree are those of the image: an absolute one leads to what is in the tree, never to this machine's files.

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, symlink } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { expect, test } from "vitest";
import { chooseDevicetrees } from "../../src/boot/devicetrees.ts";
import { entryName, entryToken, kernelCommandLine } from "../../src/boot/entry.ts";
import { firmwareFiles, requiredFirmware } from "../../src/boot/firmware.ts";
import { installGrub } from "../../src/boot/grub.ts";
import { findKernels, findPrebuiltImages, placeKernels } from "../../src/boot/kernels.ts";
import { buildMicrocodeInitrd } from "../../src/boot/microcode.ts";
import { removeOtherModules, requiredModules } from "../../src/boot/modules.ts";
import { installSystemdBoot } from "../../src/boot/systemd-boot.ts";
import { installKernels } from "../../src/boot/uki.ts";
import { splitArtifacts } from "../../src/outputs/split.ts";
import type { Config } from "../../src/settings/index.ts";
import { installVerityCertificate } from "../../src/signing/verity.ts";
import { writeExtensionRelease } from "../../src/tools/extension-release.ts";
import { runFirstboot } from "../../src/tools/firstboot.ts";
import { pathInside } from "../../src/tools/inside.ts";
import { prepareMountPoints } from "../../src/tools/mount-points.ts";
import { removeLeaks } from "../../src/tools/normalise.ts";
import { removeFiles } from "../../src/tools/remove-files.ts";
import { writeSshUnits } from "../../src/tools/ssh-units.ts";
import { makePe } from "../formats/make-pe.ts";
import { makeContext, makeDirectory, type TestContext, writeTree } from "../support/tree.ts";

const kernel = makePe({ ".text": "kernel" });
const uki = makePe({ ".sdmagic": "#", ".osrel": "ID=x", ".linux": "k" });
const KERNEL = { "usr/lib/modules/6.1/vmlinuz": kernel, "usr/lib/modules/6.1/modules.dep": "" };
const EFI = "usr/lib/systemd/boot/efi";

const HASHED = { password: "$6$x", hashed: true };

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

test("microcode, device trees, modules and their index are the tree's", async () => {
  const files = {
    "opt/fw/06-55-04": "ours",
    "opt/dtb/board.dtb": "ours",
    "opt/m/6.1/kernel/a.ko": "",
    "opt/m/6.1/kernel/b.ko": "",
    "opt/m/6.1/modules.dep": "kernel/a.ko: kernel/b.ko\nkernel/b.ko:\n",
  };
  const linked = (to: string) => ({
    "usr/lib/firmware/intel-ucode": `${to}/fw`,
    "usr/lib/linux-image-6.1": `${to}/dtb`,
    "usr/lib/modules": `${to}/m`,
  });
  const seen = async (to: string) => {
    const context = await tree(linked(to), files, { devicetrees: ["*.dtb"] });
    const microcode = await buildMicrocodeInitrd(context);
    const devicetrees = await chooseDevicetrees(context, "6.1").catch(() => []);
    const filter = { modules: ["a"], modulesExclude: ["*"], firmware: [], firmwareExclude: [] };
    const modules = await requiredModules(context, "6.1", filter).catch(() => undefined);
    return [microcode !== undefined, devicetrees.map(({ name }) => name), modules?.modules ?? []];
  };
  const names = ["a", "b"].map((name) => `usr/lib/modules/6.1/kernel/${name}.ko`);
  expect(await seen("/opt")).toEqual([true, ["board.dtb"], names]);
  expect(await seen("host")).toEqual([false, [], []]);
});

test("modules are removed from the tree only", async () => {
  const host = makeDirectory();
  const kept = { "6.1/kernel/b.ko": "", "6.1/modules.dep": "kernel/b.ko:\n" };
  await writeTree(host, kept);
  const context = await tree(
    {},
    { "opt/m/6.1/kernel/b.ko": "", "opt/m/6.1/modules.dep": "kernel/b.ko:\n" },
    {
      kernelModules: ["-*"],
    },
  );
  await link(context.root, { "usr/lib/modules": host });
  await removeOtherModules(context, "6.1");
  expect(existsSync(join(host, "6.1/kernel/b.ko"))).toBe(true);
  await rm(join(context.root, "usr/lib/modules"));
  await link(context.root, { "usr/lib/modules": "/opt/m" });
  await removeOtherModules(context, "6.1");
  expect(existsSync(join(context.root, "opt/m/6.1/kernel"))).toBe(false);
});

test("boot entries are written into the tree, also where its links are absolute", async () => {
  const outside = makeDirectory();
  const context = await makeContext({ kernelModulesInitrd: false }, KERNEL);
  await link(context.root, { boot: outside });
  await installKernels(context, { initrds: [] });
  expect(await readdir(outside)).toEqual([]);
  expect(await readdir(join(context.root, outside, "loader/entries"))).toEqual(["Default-6.1.conf"]);
});

test("bootctl is told of with the image and the link that stops it", async () => {
  const refuse = (argv: readonly string[]) => (argv[0] === "bootctl" && argv[1] === "install" ? 1 : "systemd 262\n");
  const context = await makeContext({}, { ...KERNEL, [`${EFI}/systemd-bootx64.efi`]: "" }, refuse);
  await expect(installSystemdBoot(context)).rejects.toMatchObject({
    message: "image main: bootctl cannot install systemd-boot into /efi of the image",
  });
  await link(context.root, { efi: "/elsewhere" });
  await expect(installSystemdBoot(context)).rejects.toMatchObject({
    details: { remedy: "make /efi of the image a directory: it is a symbolic link" },
  });
});

test("boot may be a link to efi", async () => {
  const context = await makeContext({ kernelModulesInitrd: false, bootloader: "none" }, { ...KERNEL, "efi/": "" });
  await link(context.root, { boot: "/efi" });
  await installKernels(context, { initrds: [] });
  expect(await readdir(join(context.root, "efi/loader/entries"))).toEqual(["Default-6.1.conf"]);
});

test("certificates, units, credentials and mount points are written into the tree, and what is removed is the tree's", async () => {
  const host = makeDirectory();
  const kept = { "apt/history.log": "", "hwdb.bin": "", "bin/x": "", shadow: "user:*:1::::::\n" };
  await writeTree(host, { ...kept, "a.crt": "certificate" });
  const listing = (await readdir(host, { recursive: true })).toSorted();
  const verityCertificate = join(host, "a.crt");
  const context = await makeContext({ verityCertificate, ssh: "always", hostname: "x", rootPassword: HASHED });
  await link(context.root, {
    "usr/lib/verity.d": host,
    "usr/lib/systemd/system": host,
    "usr/lib/credstore": host,
    "var/log": host,
    "etc/shadow": `${host}/shadow`,
    "usr/bin": `${host}/bin`,
    "usr/sbin": "bin",
    bin: "usr/bin",
    tmp: `${host}/tmp`,
  });
  await installVerityCertificate(context);
  await writeSshUnits(context);
  await runFirstboot(context);
  await prepareMountPoints(context.root);
  await removeLeaks(context.root);
  await removeFiles(context.root, ["/bin/*"]);
  expect((await readdir(host, { recursive: true })).toSorted()).toEqual(listing);
  expect(await readFile(join(host, "shadow"), "utf8")).toBe(kept.shadow);
  const inTree = await readdir(join(context.root, host));
  expect(inTree).toEqual(
    expect.arrayContaining(["a.crt", "mkosi-sshd-vsock.socket", "passwd.hashed-password.root", "tmp"]),
  );
});

test("what is put beside the image is of the image", async () => {
  const files = {
    "opt/release": "ID=tree\n",
    "opt/k": kernel,
    "opt/e.conf": "linux /k\ninitrd /i\n",
    "opt/i": "initrd",
  };
  const made = async (to: string) => {
    const links = {
      "usr/lib/os-release": `${to}/release`,
      "boot/loader/entries/x.conf": `${to}/e.conf`,
      "usr/lib/modules/6.1/vmlinuz": `${to}/k`,
      "boot/k": `${to}/k`,
      "boot/i": `${to}/i`,
      "boot/EFI/Linux/x.efi": `${to}/u`,
    };
    const context = await tree(links, files, { splitArtifacts: ["os-release", "kernel", "initrd", "uki"] });
    const artifacts = await splitArtifacts(context);
    return artifacts.map(({ path }) => extname(path)).toSorted();
  };
  expect(await made("/opt")).toEqual([".initrd", ".osrelease", ".vmlinuz"]);
  expect(await made("host")).toEqual([]);
});

test("an extension fits the tree's system, and its file is written into the tree", async () => {
  const release = "usr/lib/extension-release.d/extension-release.image";
  const made = async (to: string) => {
    const files = { "opt/release": "ID=tree\n" };
    const links = { "etc/os-release": `${to}/release`, [release]: `${to}/target` };
    const context = await tree(links, files, { format: "sysext", output: "image" });
    await writeExtensionRelease(context);
    return await readFile(pathInside(context.root, release), "utf8");
  };
  expect(await made("/opt")).toContain("ID=tree\n");
  expect(await made("host")).toContain("ID=_any\n");
});
