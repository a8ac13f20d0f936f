import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BIOS_BOOT_TYPE } from "../../src/facts/grub.ts";
import { checkBios, checkBiosPartitions } from "../../src/outputs/bios.ts";
import { packDisk, partitionDefinitions } from "../../src/outputs/disk.ts";
import { makeImage } from "../support/image.ts";
import { makeContext, makeDirectory, writeTree } from "../support/tree.ts";

const LOADER = { "efi/EFI/BOOT/BOOTX64.EFI": "" };
const ESP =
  "[Partition]\nType=esp\nFormat=vfat\nCopyFiles=/boot:/\nCopyFiles=/efi:/\nSizeMinBytes=512M\nSizeMaxBytes=512M\n";

function answer(argv: readonly string[]): string {
  return argv[1] === "--version" ? "systemd 262 (262-1)\n" : "[]";
}

test.each([
  [{}, LOADER, ["00-esp.conf", "10-root.conf"]],
  [{}, {}, ["10-root.conf"]],
  [{ bootable: "enabled" }, {}, ["00-esp.conf", "10-root.conf"]],
  [{ bootable: "disabled" }, LOADER, ["10-root.conf"]],
  [{ architecture: "s390x" }, LOADER, ["10-root.conf"]],
] as const)("%j with %j has the definitions %j", async (config, files, names) => {
  const context = await makeContext(config, files);
  const [directory = ""] = await partitionDefinitions(context);
  expect((await readdir(directory)).toSorted()).toEqual(names);
});

const GRUB = { "efi/grub/i386-pc/core.img": "" };

test("a disk that a BIOS starts has a partition for GRUB, which is put into the image", async () => {
  const config = { bootloader: "none", biosBootloader: "grub" } as const;
  const partition = (type: string) => ({ type, label: "", uuid: "", offset: 0, raw_size: 0 });
  const made = [BIOS_BOOT_TYPE, "esp", "root-x86-64"].map(partition);
  const context = await makeContext(
    config,
    GRUB,
    (argv) => (argv[0] === "systemd-repart" && argv[1] !== "--version" ? JSON.stringify(made) : answer(argv)),
    ["systemd-repart", "grub-bios-setup"],
  );
  const [directory = ""] = await partitionDefinitions(context);
  expect((await readdir(directory)).toSorted()).toEqual(["00-esp.conf", "05-bios.conf", "10-root.conf"]);
  expect(await readFile(join(directory, "05-bios.conf"), "utf8")).toBe(
    `[Partition]\nType=${BIOS_BOOT_TYPE}\nSizeMinBytes=1M\nSizeMaxBytes=1M\n`,
  );
  await packDisk(context, "image.raw");
  const commands = context.runner.commands();
  expect(commands.at(-1)).toMatch(/grub-bios-setup --directory=\/grub \/work\/image.raw$/);
  expect(commands.some((command) => command.includes("el-torito"))).toBe(false);
});

test.each([
  [{ architecture: "arm64" }, "there is none on arm64"],
  [{ sectorSize: 4096 }, "sectors of 512 bytes"],
  [{ elTorito: "enabled" }, "an El Torito boot catalogue"],
] as const)("%j does not go with a BIOS", (config, message) => {
  expect(() => checkBios(makeImage({ biosBootloader: "grub", ...config }))).toThrow(message);
  checkBios(makeImage(config));
  checkBios(makeImage({ biosBootloader: "grub", format: "directory", ...config }));
});

test("definitions without a place for GRUB are refused where the image must be bootable", async () => {
  const config = { biosBootloader: "grub", repartDirectories: ["/p/mkosi.repart"] } as const;
  const must = await makeContext({ bootable: "enabled", ...config }, GRUB);
  const [root, esp] = [{ type: "root-x86-64" }, { type: "esp" }];
  expect(() => checkBiosPartitions(must, [root, esp])).toThrow("lack a BIOS boot partition");
  checkBiosPartitions(must, [root, esp, { type: BIOS_BOOT_TYPE }]);
  checkBiosPartitions(await makeContext(config, GRUB), [root]);
});

test("the default definitions: an ESP, and a root file system of the distribution's kind", async () => {
  const [directory = ""] = await partitionDefinitions(await makeContext({ distribution: "fedora" }, LOADER));
  expect(await readFile(join(directory, "00-esp.conf"), "utf8")).toBe(ESP);
  expect(await readFile(join(directory, "10-root.conf"), "utf8")).toBe(
    "[Partition]\nType=root\nFormat=btrfs\nCopyFiles=/\nMinimize=guess\n",
  );
});

test("the project's own definitions take their place", async () => {
  expect(await partitionDefinitions(await makeContext({ repartDirectories: ["/p/mkosi.repart"] }, LOADER))).toEqual([
    "/p/mkosi.repart",
  ]);
});

test.each([
  [{}, LOADER, true],
  [{}, {}, false],
  [{ elTorito: "enabled" }, {}, true],
  [{ elTorito: "disabled" }, LOADER, false],
] as const)("%j with %j has a boot catalogue: %s", async (config, files, expected) => {
  const context = await makeContext(config, files, answer);
  await packDisk(context, "image.raw");
  expect(context.runner.commands().at(-1)?.includes("--el-torito=yes")).toBe(expected);
});

test("ElTorito=yes is not passed over where systemd-repart is too old for it", async () => {
  const context = await makeContext({ elTorito: "enabled" }, {}, () => "systemd 260 (260)\n");
  await expect(packDisk(context, "image.raw")).rejects.toThrow("systemd-repart 260 makes no El Torito boot catalogues");
});

test("OutputSize= only makes larger", async () => {
  const context = await makeContext({ outputSize: 8192 }, {}, answer);
  await writeTree(context.staging, { "image.raw": "x".repeat(4096) });
  await packDisk(context, "image.raw");
  expect((await stat(join(context.staging, "image.raw"))).size).toBe(8192);
  const larger = await makeContext({ outputSize: 10 }, {}, answer);
  await writeTree(larger.staging, { "image.raw": "x".repeat(4096) });
  await expect(packDisk(larger, "image.raw")).rejects.toThrow("does not fit into OutputSize=");
});

test("makes the root file system once, of the size that the tree needs", async () => {
  const context = await makeContext({}, LOADER, answer);
  await packDisk(context, "image.raw");
  expect(context.runner.commands().filter((command) => !command.endsWith("--version"))).toHaveLength(1);
  expect(context.runner.specs.at(-1)?.mounts).toContainEqual({
    type: "bind",
    source: join(context.scratch, "repart.d.sized"),
    target: "/definitions/0",
    readOnly: true,
  });
  expect(await readFile(join(context.scratch, "repart.d.sized/10-root.conf"), "utf8")).toMatch(
    /^\[Partition\]\nType=root\nFormat=ext4\nCopyFiles=\/\nSizeMinBytes=\d+\n$/,
  );
  expect(await readFile(join(context.scratch, "repart.d.sized/00-esp.conf"), "utf8")).toBe(ESP);
});

test("lets systemd-repart find the size out when the estimate was too small", async () => {
  let runs = 0;
  const context = await makeContext({}, {}, (argv) => (argv[1] === "--version" || ++runs > 1 ? answer(argv) : 1));
  await packDisk(context, "image.raw");
  expect(runs).toBe(2);
  expect(context.runner.specs.at(-1)?.mounts).toContainEqual({
    type: "bind",
    source: join(context.scratch, "repart.d"),
    target: "/definitions/0",
    readOnly: true,
  });
  expect(context.notes.join("")).toContain("does not fit");
});

test("leaves other file systems and the project's definitions to systemd-repart", async () => {
  for (const config of [{ distribution: "fedora" }, { repartDirectories: [makeDirectory()] }] as const) {
    const context = await makeContext(config, {}, answer);
    await packDisk(context, "image.raw");
    expect(
      context.runner.specs
        .at(-1)
        ?.mounts?.some(
          ({ target, ...mount }) => target === "/definitions/0" && "source" in mount && mount.source.endsWith(".sized"),
        ),
    ).toBe(false);
  }
});
