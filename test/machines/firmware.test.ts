import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { boardOf } from "../../src/machines/architecture.ts";
import { findFirmware } from "../../src/machines/firmware.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "firmware-"));
  mkdirSync(join(root, "usr/share/qemu/firmware"), { recursive: true });
  mkdirSync(join(root, "etc/qemu/firmware"), { recursive: true });
  describe("usr/share/qemu/firmware/40-enrolled.json", {
    code: "ms",
    features: ["enrolled-keys", "requires-smm", "secure-boot"],
  });
  describe("usr/share/qemu/firmware/50-secure.json", { code: "secboot", features: ["requires-smm", "secure-boot"] });
  describe("usr/share/qemu/firmware/55-arm.json", {
    code: "arm",
    features: [],
    architecture: "aarch64",
    machines: ["virt-*"],
  });
  describe("usr/share/qemu/firmware/60-plain.json", { code: "plain", features: ["acpi-s3"] });
  describe("usr/share/qemu/firmware/70-plain.json", { code: "later", features: [] });
});
afterEach(() => rmSync(root, { recursive: true }));

function describe(
  path: string,
  options: { code: string; features: string[]; architecture?: string; machines?: string[] },
): void {
  const descriptor = {
    description: options.code,
    "interface-types": ["uefi"],
    mapping: {
      device: "flash",
      executable: { filename: `/usr/share/OVMF/${options.code}.fd`, format: "raw" },
      "nvram-template": { filename: `/usr/share/OVMF/${options.code}-vars.fd`, format: "qcow2" },
    },
    targets: [
      { architecture: options.architecture ?? "x86_64", machines: options.machines ?? ["pc-i440fx-*", "pc-q35-*"] },
    ],
    features: options.features,
    tags: [],
  };
  writeFileSync(join(root, path), JSON.stringify(descriptor));
}

async function codeOf(wish: {
  secureBoot?: boolean;
  enrolledKeys?: boolean;
  architecture?: "x86-64" | "arm64" | "riscv64";
}): Promise<string> {
  const board = boardOf(wish.architecture ?? "x86-64");
  if (board === undefined) throw new Error("no board");
  const toolbox = { kind: "tree", root, searchPaths: [] } as const;
  return (
    await findFirmware(toolbox, {
      board,
      secureBoot: wish.secureBoot ?? false,
      enrolledKeys: wish.enrolledKeys ?? false,
    })
  ).code;
}

test("the first descriptor that fits is taken", async () => {
  expect(await codeOf({})).toBe("/usr/share/OVMF/plain.fd");
  expect(await codeOf({ secureBoot: true })).toBe("/usr/share/OVMF/secboot.fd");
  expect(await codeOf({ secureBoot: true, enrolledKeys: true })).toBe("/usr/share/OVMF/ms.fd");
  expect(await codeOf({ architecture: "arm64" })).toBe("/usr/share/OVMF/arm.fd");
});

test("a file in /etc takes the place of its namesake, and an empty one removes it", async () => {
  describe("etc/qemu/firmware/60-plain.json", { code: "mine", features: [] });
  expect(await codeOf({})).toBe("/usr/share/OVMF/mine.fd");
  writeFileSync(join(root, "etc/qemu/firmware/60-plain.json"), "");
  expect(await codeOf({})).toBe("/usr/share/OVMF/later.fd");
});

test("says what is missing, and which file is broken", async () => {
  await expect(codeOf({ architecture: "riscv64" })).rejects.toThrow("no UEFI firmware for riscv64 found");
  writeFileSync(join(root, "usr/share/qemu/firmware/10-broken.json"), "{");
  await expect(codeOf({})).rejects.toThrow("10-broken.json is not JSON");
});
