// GRUB, shim and the boot loaders that a distribution has signed.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { installGrub } from "../../src/boot/grub.ts";
import { menuEntry } from "../../src/boot/grub-menu.ts";
import { installShim } from "../../src/boot/shim.ts";
import { installSystemdBoot } from "../../src/boot/systemd-boot.ts";
import { installKernels, needsPlan } from "../../src/boot/uki.ts";
import { Failure } from "../../src/report/failure.ts";
import type { Config } from "../../src/settings/index.ts";
import { makePe } from "../formats/make-pe.ts";
import { makeContext, type TestContext } from "../support/tree.ts";

const kernel = makePe({ ".text": "kernel" });
const uki = makePe({ ".linux": "kernel", ".osrel": "ID=debian", ".sdmagic": "x" });
const BASE = { "usr/lib/os-release": "ID=debian\n", "usr/lib/modules/6.1/vmlinuz": kernel };
const BIOS = { "usr/lib/grub/i386-pc/boot.img": "boot", "usr/lib/grub/i386-pc/normal.mod": "" };
const EFI = { "usr/lib/grub/x86_64-efi/normal.mod": "", "usr/share/grub/unicode.pf2": "font" };
const MADE = { "efi/EFI/BOOT/BOOTX64.EFI": "grub" };
const SIGNED = { "usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed": makePe({ ".sbat": "sbat,1" }) };
const SHIM = {
  "usr/lib/shim/shimx64.efi.signed": "signed shim",
  "usr/lib/shim/mmx64.efi.signed": "signed manager",
  "usr/lib/shim/shimx64.efi": "shim",
  "usr/lib/shim/mmx64.efi": "manager",
};
const TOOLS = ["grub-mkimage", "bootctl", "ukify"];

async function install(
  config: Partial<Config>,
  files: Readonly<Record<string, string | Buffer>>,
  tools = TOOLS,
): Promise<TestContext> {
  const context = await makeContext(config, files, undefined, tools);
  await installSystemdBoot(context);
  await installGrub(context);
  await installShim(context);
  return context;
}

async function bootFiles({ root }: TestContext): Promise<Record<string, string>> {
  const directory = join(root, "efi/EFI/BOOT");
  const names = await readdir(directory).catch(() => []);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name), "latin1")])),
  );
}

test("GRUB for a BIOS is made of the image's modules, for the disk to come", async () => {
  const context = await install({ bootloader: "none", biosBootloader: "grub" }, { ...BASE, ...BIOS });
  const [command = ""] = context.runner.commands();
  expect(command).toMatch(
    /^grub-mkimage --directory=\/grub .*--prefix=\/grub --format=i386-pc --output=\/output\/core.img /,
  );
  expect(command).toMatch(/ part_gpt .* biosdisk$/);
  expect(command).not.toContain("shim");
  expect(await readFile(join(context.root, "efi/grub/i386-pc/boot.img"), "utf8")).toBe("boot");
  expect(context.runner.specs[0]?.mounts).toContainEqual({
    type: "file",
    content: "search --no-floppy --set=root --file /grub/grub.cfg\nset prefix=($root)/grub\n",
    target: "/early.cfg",
  });
});

test("GRUB for UEFI takes the fallback's place, or that which shim looks for", async () => {
  // The recorder makes no program; this is the one that grub-mkimage would have written.
  const alone = await install({ bootloader: "grub" }, { ...BASE, ...EFI, ...MADE });
  expect(alone.runner.commands()[0]).toMatch(
    /--format=x86_64-efi --disable-shim-lock --output=\/output\/BOOTX64.EFI .* chain$/,
  );
  expect(await readFile(join(alone.root, "efi/grub/fonts/unicode.pf2"), "utf8")).toBe("font");
  const config = { bootloader: "grub", shimBootloader: "unsigned", distribution: "fedora" } as const;
  const behind = await install(config, { ...BASE, ...EFI, ...SIGNED, ...SHIM });
  expect(behind.runner.commands()[0]).toMatch(
    /--prefix=\/grub2 --format=x86_64-efi --sbat=\/sbat --output=\/output\/grubx64.efi /,
  );
  expect(await bootFiles(behind)).toEqual({ "BOOTX64.EFI": "shim", "mmx64.efi": "manager" });
});

test("signed loaders are copied as they are", async () => {
  const config = { bootloader: "grub-signed", shimBootloader: "signed", unifiedKernelImages: "none" } as const;
  const context = await install(config, { ...BASE, ...SIGNED, ...SHIM });
  expect(context.runner.commands()).toEqual([]);
  expect(await bootFiles(context)).toEqual({
    "BOOTX64.EFI": "signed shim",
    "mmx64.efi": "signed manager",
    "grubx64.efi": SIGNED["usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed"].toString("latin1"),
  });
});

test("behind shim, systemd-boot has GRUB's name", async () => {
  const signed = { "usr/lib/systemd/boot/efi/systemd-bootx64.efi.signed": "" };
  // What bootctl would install.
  const installed = {
    "efi/EFI/systemd/systemd-bootx64.efi": "systemd-boot",
    "efi/EFI/BOOT/BOOTX64.EFI": "systemd-boot",
  };
  const config = { bootloader: "systemd-boot-signed", shimBootloader: "signed", unifiedKernelImages: "none" } as const;
  const context = await install(config, { ...BASE, ...SHIM, ...signed, ...installed });
  expect(await bootFiles(context)).toMatchObject({ "BOOTX64.EFI": "signed shim", "grubx64.efi": "systemd-boot" });
  const opensuse = await install(
    { ...config, distribution: "opensuse" },
    { ...BASE, ...SHIM, ...signed, ...installed },
  );
  expect(await bootFiles(opensuse)).toMatchObject({ "grub.efi": "systemd-boot" });
});

test("with Bootable=auto nothing that is missing is an error, nor is anything installed without a kernel", async () => {
  const config = { bootloader: "grub", biosBootloader: "grub", shimBootloader: "signed" } as const;
  for (const files of [BASE, { ...BIOS, ...EFI, ...SHIM }]) {
    const context = await install(config, files);
    expect([context.runner.commands(), await bootFiles(context)]).toEqual([[], {}]);
  }
});

test.each([
  [
    { biosBootloader: "grub", bootloader: "none" },
    BASE,
    TOOLS,
    "no GRUB for it in /usr/lib/grub/i386-pc",
    "grub-pc-bin",
  ],
  [{ bootloader: "grub" }, BASE, TOOLS, "by GRUB for UEFI (/usr/lib/grub/x86_64-efi)", "grub-efi-amd64-bin"],
  [{ bootloader: "grub" }, { ...BASE, ...EFI }, [], "grub-mkimage is not in the tools tree", "grub-common"],
  [
    { bootloader: "grub-signed", unifiedKernelImages: "none" },
    BASE,
    TOOLS,
    "GRUB that its distribution has signed",
    "grub-efi-amd64-signed",
  ],
  [{ bootloader: "none", shimBootloader: "signed" }, BASE, TOOLS, "", ""],
  [{ bootloader: "uki", shimBootloader: "signed" }, BASE, TOOLS, "shim (signed) is not in it", "shim-signed"],
  [{ bootloader: "uki", shimBootloader: "unsigned" }, BASE, TOOLS, "shim (unsigned) is not in it", "shim-unsigned"],
  [{ bootloader: "systemd-boot-signed" }, BASE, TOOLS, "a signed systemd-boot", "systemd-boot-efi-amd64-signed"],
  [
    { bootloader: "grub", shimBootloader: "unsigned", secureBoot: true },
    { ...BASE, ...EFI },
    TOOLS,
    "without an .sbat section",
    "grub-efi-amd64-signed",
  ],
] as const)("%j: says what is missing and which package has it", async (config, files, tools, message, remedy) => {
  const failure = await install({ bootable: "enabled", ...config }, files, [...tools]).catch((error: unknown) => error);
  if (message === "") return expect(failure).not.toBeInstanceOf(Error);
  expect(failure).toBeInstanceOf(Failure);
  expect((failure as Failure).message).toContain(message);
  expect((failure as Failure).details.remedy).toContain(remedy);
});

const menu = async ({ root }: TestContext, directory = "grub") =>
  await readFile(join(root, "efi", directory, "grub.cfg"), "utf8");

test("GRUB's menu has kernels where there are no unified images, and says where their root is", async () => {
  const core = { ...MADE, "efi/grub/i386-pc/core.img": "" };
  const options = { bootloader: "grub", biosBootloader: "grub", unifiedKernelImages: "none" } as const;
  const config = { ...options, kernelModulesInitrd: false, kernelCommandLine: ["quiet", 'a="b c"', "d=$x"] };
  const context = await makeContext(config, { ...BASE, ...core, "boot/i": "" });
  expect(needsPlan(context)).toBe(true);
  const partitions = [
    { type: "esp", uuid: "1" },
    { type: "root-x86-64", uuid: "2" },
  ];
  await installKernels(context, { initrds: [join(context.root, "boot/i")], partitions });
  expect(await menu(context)).toBe(`set timeout=0
if [ "\${grub_platform}" = "efi" -o "\${grub_platform}" = "pc" ]; then
menuentry 'debian-6.1' {
    linux /debian/6.1/vmlinuz root=PARTUUID=2 quiet 'a=b c' 'd=$x'
    initrd /debian/i
}
fi
`);
  expect(await readFile(join(context.root, "efi/EFI/debian/grub.cfg"), "utf8")).toBe("configfile /grub/grub.cfg\n");
});

test("GRUB's menu starts unified images by UEFI, and their kernels by a BIOS, after what the tree has in it", async () => {
  const stub = { "usr/lib/systemd/boot/efi/linuxx64.efi.stub": "" };
  const own = { ...MADE, "efi/grub2/grub.cfg": "set timeout=5\n", "efi/grub2/i386-pc/core.img": "" };
  const older = { "usr/lib/modules/6.0/vmlinuz": kernel };
  const both = {
    bootloader: "grub",
    biosBootloader: "grub",
    distribution: "fedora",
    kernelModulesInitrd: false,
  } as const;
  const context = await makeContext(both, { ...BASE, ...older, ...stub, ...own });
  await installKernels(context, { initrds: [] });
  const text = await menu(context, "grub2");
  expect(text).toMatch(/^set timeout=5\n/);
  const entries = [...text.matchAll(/if \[ (.*) \]; then\nmenuentry '(.*)' \{\n +(.*)\n/g)].map((match) =>
    match.slice(1),
  );
  expect(entries).toEqual([
    ['"${grub_platform}" = "efi"', "debian-6.1", "chainloader /EFI/Linux/debian-6.1.efi"],
    ['"${grub_platform}" = "efi"', "debian-6.0", "chainloader /EFI/Linux/debian-6.0.efi"],
    ['"${grub_platform}" = "pc"', "debian-6.1", "linux /debian/6.1/vmlinuz"],
    ['"${grub_platform}" = "pc"', "debian-6.0", "linux /debian/6.0/vmlinuz"],
  ]);
  const efiOnly = await makeContext({ ...both, biosBootloader: "none" }, { ...BASE, ...stub });
  expect(needsPlan(efiOnly)).toBe(false);
});

test("with Bootable=auto, an image without GRUB has nothing of it", async () => {
  const font = { "usr/share/grub/unicode.pf2": "font" };
  for (const bootloader of ["grub", "grub-signed"] as const) {
    const options = { biosBootloader: "grub", unifiedKernelImages: "none", kernelModulesInitrd: false } as const;
    const config = { ...options, bootloader };
    const context = await install(config, { ...BASE, ...font });
    expect(needsPlan(context)).toBe(false);
    await installKernels(context, { initrds: [] });
    expect(await readdir(join(context.root, "efi")).catch(() => [])).toEqual([]);
    // Kernels are where another loader finds them.
    expect(await readdir(join(context.root, "boot/loader/entries"))).toEqual(["debian-6.1.conf"]);
  }
});

test("GRUB's menu names the device tree", async () => {
  const files = { ...BASE, "efi/EFI/BOOT/BOOTAA64.EFI": "grub", "usr/lib/modules/6.1/dtb/a.dtb": "" };
  const config = {
    bootloader: "grub",
    architecture: "arm64",
    devicetrees: ["a.dtb"],
    kernelModulesInitrd: false,
  } as const;
  const context = await makeContext(config, files);
  await installKernels(context, { initrds: [] });
  expect(await menu(context)).toContain("    linux /debian/6.1/vmlinuz\n    devicetree /debian/6.1/a.dtb\n}");
});

test("quotes what GRUB's script would take for something else", () => {
  expect(menuEntry({ title: "it's", platforms: ["pc"], commands: [["linux", "/a b", "c;d"]] })).toBe(
    `if [ "\${grub_platform}" = "pc" ]; then\nmenuentry 'it'\\''s' {\n    linux '/a b' 'c;d'\n}\nfi\n`,
  );
});

test("images of a distribution take the place of those that are made here", async () => {
  const files = { ...BASE, "usr/lib/modules/6.1/vmlinuz-virt.efi": uki, "usr/lib/modules/6.1/a.efi": kernel };
  const single = await makeContext({ bootloader: "uki-signed", bootable: "enabled" }, files);
  await installKernels(single, { initrds: [] });
  expect(single.runner.commands()).toEqual([]);
  expect(await bootFiles(single)).toEqual({ "BOOTX64.EFI": uki.toString("latin1") });
  const shim = await makeContext({ bootloader: "uki-signed", shimBootloader: "signed" }, files);
  await installKernels(shim, { initrds: [] });
  expect(Object.keys(await bootFiles(shim))).toEqual(["grubx64.efi"]);
  const all = await makeContext({ unifiedKernelImages: "signed" }, files);
  await installKernels(all, { initrds: [] });
  expect(await readdir(join(all.root, "boot/EFI/Linux"))).toEqual(["debian-6.1.efi"]);
  const none = makeContext({ bootloader: "grub-signed", bootable: "enabled" }, BASE);
  await expect(installKernels(await none, { initrds: [] })).rejects.toThrow(
    "no unified kernel image of its distribution",
  );
});
