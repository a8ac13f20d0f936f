import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { splitModulesInitrd } from "../../src/boot/initrd.ts";
import { installSystemdBoot } from "../../src/boot/systemd-boot.ts";
import { installKernels } from "../../src/boot/uki.ts";
import { Failure } from "../../src/report/failure.ts";
import { makePe } from "../formats/make-pe.ts";
import { makeContext, writeTree } from "../support/tree.ts";

const STUB = "usr/lib/systemd/boot/efi/linuxx64.efi.stub";
const kernel = makePe({ ".text": "kernel" });
const base = {
  "usr/lib/os-release": "ID=debian\n",
  "usr/lib/modules/6.1/vmlinuz": kernel,
  "usr/lib/modules/6.1/kernel/a.ko.xz": "",
  "usr/lib/modules/6.12/vmlinuz": kernel,
  "usr/lib/modules/6.12/modules.dep": "",
};

function ukis(commands: readonly string[]): string[] {
  return commands
    .filter((command) => command.startsWith("ukify"))
    .map((command) => command.replace(/^.*--uname (\S+) .*--output (\S+)$/, "$1 $2"));
}

test("makes a unified kernel image of each kernel, its modules last", async () => {
  const context = await makeContext({ kernelCommandLine: ["quiet"] }, { ...base, [STUB]: "" });
  await writeTree(context.scratch, { "kernel-modules-6.12.initrd": "made before" });
  await installKernels(context, { initrds: ["/initrd.cpio.zst"] });
  const commands = context.runner.commands();
  expect(ukis(commands)).toEqual(["6.12 /output/debian-6.12.efi", "6.1 /output/debian-6.1.efi"]);
  expect(commands.find((command) => command.includes("--uname 6.12 "))).toMatch(
    /--initrd \S+-initrd.cpio.zst --initrd \S+-kernel-modules-6.12.initrd --cmdline/,
  );
  // Only the one whose initrd was not there is archived, with the directories that the kernel does not make.
  expect(commands.filter((command) => command.startsWith("bash"))).toHaveLength(1);
  const list = (await readFile(join(context.scratch, "kernel-modules-6.1.initrd.list"), "utf8")).split("\0");
  expect(list).toEqual([
    "usr",
    "usr/lib",
    "usr/lib/modules",
    "usr/lib/modules/6.1",
    "usr/lib/modules/6.1/kernel",
    "usr/lib/modules/6.1/kernel/a.ko.xz",
    "",
  ]);
});

test("compresses the modules' initrd unless the modules are", async () => {
  const files = { ...base, "usr/lib/modules/6.12/kernel/b.ko": "", [STUB]: "" };
  const context = await makeContext({}, files);
  await installKernels(context, { initrds: [] });
  const archives = context.runner.commands().filter((command) => command.startsWith("bash"));
  expect(archives.map((command) => command.replace(/^.*bash \/work/, ""))).toEqual([
    "/kernel-modules-6.12.initrd zstd -q -3 -T0 -c",
    "/kernel-modules-6.1.initrd",
  ]);
});

test("Bootloader=uki puts the newest kernel where firmware looks", async () => {
  const context = await makeContext({ bootloader: "uki", kernelModulesInitrd: false }, { ...base, [STUB]: "" });
  await installKernels(context, { initrds: [] });
  expect(ukis(context.runner.commands())).toEqual(["6.12 /output/BOOTX64.EFI"]);
  expect(context.runner.specs[0]?.mounts).toContainEqual({
    type: "bind",
    source: join(context.root, "efi/EFI/BOOT"),
    target: "/output",
    readOnly: false,
  });
});

test("two kernels whose images had the same name are refused", async () => {
  const context = await makeContext({ unifiedKernelImageFormat: "Linux" }, { ...base, [STUB]: "" });
  await expect(installKernels(context, { initrds: [] })).rejects.toThrow(
    "the unified kernel images of 6.12 and 6.1 would have the same name, EFI/Linux/Linux.efi",
  );
});

test("a boot entry names its device tree", async () => {
  const tree = { "usr/lib/linux-image-6.12/vendor/board.dtb": "d", "usr/lib/linux-image-6.1/vendor/board.dtb": "d" };
  const context = await makeContext({ devicetrees: ["board.dtb"], kernelModulesInitrd: false }, { ...base, ...tree });
  await installKernels(context, { initrds: [] });
  expect(await readFile(join(context.root, "boot/loader/entries/debian-6.12.conf"), "utf8")).toContain(
    "\ndevicetree /debian/6.12/vendor/board.dtb\n",
  );
  expect(await readFile(join(context.root, "boot/debian/6.1/vendor/board.dtb"), "utf8")).toBe("d");
});

test("writes boot entries where there is no stub", async () => {
  const context = await makeContext({ kernelCommandLine: ["quiet"], kernelModulesInitrd: false }, base);
  await writeTree(context.scratch, { "initrd.cpio": "initrd" });
  await installKernels(context, { initrds: [join(context.scratch, "initrd.cpio")] });
  expect(context.runner.commands()).toEqual([]);
  expect(await readdir(join(context.root, "boot/loader/entries"))).toEqual(["debian-6.1.conf", "debian-6.12.conf"]);
  expect(await readFile(join(context.root, "boot/loader/entries/debian-6.12.conf"), "utf8")).toBe(
    "title debian 6.12\nversion 6.12\nlinux /debian/6.12/vmlinuz\noptions quiet\ninitrd /debian/initrd.cpio\n",
  );
  expect(await readFile(join(context.root, "boot/debian/initrd.cpio"), "utf8")).toBe("initrd");
  expect(await readFile(join(context.root, "boot/debian/6.1/vmlinuz"))).toEqual(kernel);
});

test.each([
  [{ bootable: "enabled" }, {}, "there is no kernel", "linux-image"],
  [{ unifiedKernelImages: "unsigned" }, base, "systemd-stub is not in it", "systemd-boot-efi"],
  [{ bootloader: "uki" }, base, "systemd-stub is not in it", "systemd-boot-efi"],
] as const)("%j: says what is missing and which package has it", async (config, files, message, remedy) => {
  const failure = await installKernels(await makeContext(config, files), { initrds: [] }).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(Failure);
  expect((failure as Failure).message).toContain(message);
  expect((failure as Failure).details.remedy).toContain(remedy);
});

test("does nothing for an image that is not to boot, or has no kernel", async () => {
  for (const [config, files] of [
    [{ bootable: "disabled" }, base],
    [{}, {}],
  ] as const) {
    const context = await makeContext(config, files);
    await installKernels(context, { initrds: [] });
    await installSystemdBoot(context);
    expect(context.runner.commands()).toEqual([]);
  }
});

test("installs systemd-boot from the image, and says when it is not there", async () => {
  const loader = { "usr/lib/systemd/boot/efi/systemd-bootx64.efi": "" };
  const context = await makeContext({}, { ...base, ...loader });
  await installSystemdBoot(context);
  expect(context.runner.commands()).toHaveLength(1);
  const without = await makeContext({}, base);
  await installSystemdBoot(without);
  expect(without.runner.commands()).toEqual([]);
  await expect(installSystemdBoot(await makeContext({ bootable: "enabled" }, base))).rejects.toThrow(
    "there is none in its /usr/lib/systemd/boot/efi",
  );
});

test("puts the newest kernel's modules initrd beside the image when asked to", async () => {
  const context = await makeContext({ splitArtifacts: ["kernel-modules-initrd"] }, base);
  await writeTree(context.scratch, { "kernel-modules-6.12.initrd": "modules" });
  expect(await splitModulesInitrd(context)).toEqual([
    { path: join(context.staging, "image.kernel-modules-initrd"), kind: "split" },
  ]);
  expect(await readFile(join(context.staging, "image.kernel-modules-initrd"), "utf8")).toBe("modules");
  expect(await splitModulesInitrd(await makeContext({}, base))).toEqual([]);
});
