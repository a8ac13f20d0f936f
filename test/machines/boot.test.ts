import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BootConfig, type BootFiles, decideBoot } from "../../src/machines/boot.ts";
import { makeDisk } from "../support/gpt.ts";

let directory: string;
let files: BootFiles;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "boot-"));
  const path = (name: string) => join(directory, name);
  files = { image: path("image"), kernel: path("image.vmlinuz"), initrd: path("image.initrd"), uki: path("image.efi") };
});
afterEach(() => rmSync(directory, { recursive: true }));

function config(changes: Partial<BootConfig> = {}): BootConfig {
  return {
    architecture: "x86-64",
    biosBootloader: "none",
    bootloader: "systemd-boot",
    buildDirectory: null,
    firmware: "auto",
    firmwareVariables: null,
    format: "disk",
    linux: null,
    qemuArgs: [],
    secureBoot: false,
    ...changes,
  };
}

function touch(...paths: string[]): void {
  for (const path of paths) writeFileSync(path, "");
}

test("a disk is booted by its own boot loader", async () => {
  expect(await decideBoot(config(), files, [])).toEqual({ firmware: "uefi", kernel: undefined, initrd: undefined });
});

test("a disk in which firmware would find nothing is not started", async () => {
  writeFileSync(files.image, makeDisk(512, "af3dc60f838472478e793d69d8477de4"));
  await expect(decideBoot(config(), files, [])).rejects.toThrow("nothing in it that could be booted");
  writeFileSync(files.image, makeDisk(512));
  expect((await decideBoot(config(), files, [])).firmware).toBe("uefi");
});

test("a disk that nothing but a BIOS could start is started by one, and any other where it is asked for", async () => {
  const bios = { firmware: "none", kernel: undefined, initrd: undefined };
  const only = config({ bootloader: "none", biosBootloader: "grub" });
  expect(await decideBoot(only, files, [])).toEqual(bios);
  expect(await decideBoot(config({ firmware: "bios" }), files, [])).toEqual(bios);
  expect((await decideBoot(config({ biosBootloader: "grub" }), files, [])).firmware).toBe("uefi");
  writeFileSync(files.image, makeDisk(512));
  await expect(decideBoot(only, files, [])).rejects.toThrow("has no BIOS boot partition");
  await expect(decideBoot(config({ firmware: "bios", format: "directory" }), files, [])).rejects.toThrow("disks only");
});

test("secure boot comes with something that is signed", async () => {
  expect((await decideBoot(config({ secureBoot: true }), files, [])).firmware).toBe("uefi-secure-boot");
  expect((await decideBoot(config({ firmwareVariables: "microsoft" }), files, [])).firmware).toBe("uefi-secure-boot");
});

test("a disk without firmware is booted by the kernel and initrd beside it", async () => {
  touch(files.kernel, files.initrd);
  expect(await decideBoot(config({ firmware: "linux" }), files, [])).toEqual({
    firmware: "none",
    kernel: { path: files.kernel, uki: false },
    initrd: files.initrd,
  });
  expect((await decideBoot(config({ firmware: "linux-noinitrd" }), files, [])).initrd).toBeUndefined();
});

test("an initrd of the user's takes the place of ours", async () => {
  touch(files.kernel, files.initrd);
  expect((await decideBoot(config({ firmware: "linux" }), files, ["-initrd", "/elsewhere"])).initrd).toBeUndefined();
});

test("directories and archives are booted directly, an archive as its own initrd", async () => {
  touch(files.kernel, files.initrd);
  expect(await decideBoot(config({ format: "directory" }), files, [])).toMatchObject({
    firmware: "none",
    initrd: files.initrd,
  });
  expect(await decideBoot(config({ format: "cpio" }), files, [])).toMatchObject({
    firmware: "none",
    initrd: files.image,
  });
});

test("a unified kernel image is started by the firmware", async () => {
  touch(files.image);
  expect(await decideBoot(config({ format: "uki" }), files, [])).toMatchObject({
    firmware: "uefi",
    kernel: { path: files.image },
  });
});

test("Linux= names a kernel, with specifiers of its own; so does -kernel", async () => {
  touch(join(directory, "my&kernel"));
  expect(await decideBoot(config({ linux: "&b/my&&kernel", buildDirectory: directory }), files, [])).toMatchObject({
    firmware: "none",
    kernel: { path: join(directory, "my&kernel") },
  });
  expect((await decideBoot(config(), files, ["-kernel", join(directory, "my&kernel")])).kernel?.path).toBe(
    join(directory, "my&kernel"),
  );
  await expect(decideBoot(config({ linux: "/x/&b" }), files, [])).rejects.toThrow("needs a BuildDirectory=");
  await expect(decideBoot(config({ linux: "/not/there" }), files, [])).rejects.toThrow("no kernel at /not/there");
});

test("says when there is no kernel, and when a format cannot be booted", async () => {
  await expect(decideBoot(config({ firmware: "linux" }), files, [])).rejects.toThrow(`no kernel at ${files.kernel}`);
  await expect(decideBoot(config({ format: "tar" }), files, [])).rejects.toThrow("format tar cannot be booted");
});
