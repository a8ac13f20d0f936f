import { existsSync } from "node:fs";
import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findKernels, kernelVersions, placeKernels } from "../../src/boot/kernels.ts";
import { makePe } from "../formats/make-pe.ts";
import { makeDirectory, writeTree } from "../support/tree.ts";

const kernel = makePe({ ".text": "kernel" });
const uki = makePe({ ".sdmagic": "#", ".osrel": "ID=x", ".linux": "k" });

test("finds kernels, the newest first, and no unified kernel images", async () => {
  const root = makeDirectory();
  await writeTree(root, {
    "usr/lib/modules/6.9.1-amd64/vmlinuz": kernel,
    "usr/lib/modules/6.12.0-amd64/vmlinuz": kernel,
    "usr/lib/modules/6.12.0-amd64/vmlinuz-virt.efi": uki,
    "usr/lib/modules/6.12.0~rc1-amd64/vmlinux":
      "not a PE file, for another firmware: long enough to have a header, surely",
    "usr/lib/modules/7.0-uki/vmlinuz.efi": uki,
    "usr/lib/modules/8.0-modules-only/kernel/a.ko": "",
    "usr/lib/modules/9.0/updates/a.ko": "",
    "usr/lib/modules/README": "",
  });
  expect((await findKernels(root)).map(({ version }) => version)).toEqual([
    "6.12.0-amd64",
    "6.12.0~rc1-amd64",
    "6.9.1-amd64",
  ]);
  expect(await kernelVersions(root)).not.toContain("9.0");
  expect(await kernelVersions(root)).toContain("8.0-modules-only");
});

test("finds nothing in a tree without kernels", async () => {
  expect(await findKernels(makeDirectory())).toEqual([]);
});

test("copies Debian's kernels to their modules", async () => {
  const root = makeDirectory();
  await writeTree(root, {
    "boot/vmlinuz-6.12.107+deb13-cloud-amd64": "new",
    "boot/vmlinuz-6.1.0-without-modules": "x",
    "boot/vmlinux-5.10.0-powerpc": "p",
    "usr/lib/modules/6.12.107+deb13-cloud-amd64/kernel/": "",
    "usr/lib/modules/5.10.0-powerpc/kernel/": "",
  });
  await symlink("vmlinuz-6.12.107+deb13-cloud-amd64", join(root, "boot/vmlinuz-6.12.107"));
  await placeKernels(root);
  expect(await readFile(join(root, "usr/lib/modules/6.12.107+deb13-cloud-amd64/vmlinuz"), "utf8")).toBe("new");
  expect(await readFile(join(root, "usr/lib/modules/5.10.0-powerpc/vmlinux"), "utf8")).toBe("p");
  expect(existsSync(join(root, "usr/lib/modules/6.1.0-without-modules"))).toBe(false);
});

test("keeps a kernel that is there, but not a link to boot/", async () => {
  const root = makeDirectory();
  await writeTree(root, {
    "boot/vmlinuz-6.1": "boot",
    "usr/lib/modules/6.1/vmlinuz": "own",
    "boot/vmlinuz-6.2": "boot",
    "usr/lib/modules/6.2/": "",
  });
  await symlink("/boot/vmlinuz-6.2", join(root, "usr/lib/modules/6.2/vmlinuz"));
  await placeKernels(root);
  expect(await readFile(join(root, "usr/lib/modules/6.1/vmlinuz"), "utf8")).toBe("own");
  expect(await readFile(join(root, "usr/lib/modules/6.2/vmlinuz"), "utf8")).toBe("boot");
});

test("a kernel without a version in its name belongs to the only modules there are", async () => {
  const root = makeDirectory();
  await writeTree(root, { "boot/vmlinuz-virt": "k", "usr/lib/modules/6.1-0-virt/kernel/": "" });
  await placeKernels(root);
  expect(await readFile(join(root, "usr/lib/modules/6.1-0-virt/vmlinuz"), "utf8")).toBe("k");
});
