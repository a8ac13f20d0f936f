import { expect, test } from "vitest";
import { fallbackLoader, wantsEfi, wantsKernels } from "../../src/boot/wanted.ts";
import { makeContext } from "../support/tree.ts";

test.each([
  [{ format: "disk" }, true, true],
  [{ format: "directory" }, true, true],
  [{ format: "tar" }, true, true],
  [{ format: "cpio" }, false, false],
  [{ format: "cpio", bootable: "enabled" }, true, true],
  [{ format: "none" }, false, false],
  [{ format: "disk", bootable: "disabled" }, false, false],
  [{ format: "disk", bootloader: "none" }, true, false],
  [{ format: "disk", overlay: true }, false, false],
  [{ format: "disk", architecture: "s390x" }, true, false],
  [{ format: "uki" }, false, false],
  [{ format: "esp" }, false, true],
] as const)("%j: kernels %s, EFI %s", async (config, kernels, efi) => {
  const context = await makeContext(config);
  expect(wantsKernels(context.image.config)).toBe(kernels);
  expect(wantsEfi(context)).toBe(efi);
});

test("refuses what must boot where there is no UEFI", async () => {
  const context = await makeContext({ architecture: "s390x", bootable: "enabled" });
  expect(() => wantsEfi(context)).toThrow("there is no UEFI on s390x");
});

test("names the program that firmware starts", async () => {
  expect(fallbackLoader(await makeContext({ architecture: "arm64" }))).toBe("efi/EFI/BOOT/BOOTAA64.EFI");
});
