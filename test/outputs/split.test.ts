import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { splitArtifacts } from "../../src/outputs/split.ts";
import type { Config } from "../../src/settings/index.ts";
import { makePe } from "../formats/make-pe.ts";
import { makeContext } from "../support/tree.ts";

const uki = (kernel: string) =>
  makePe({ ".sdmagic": "#", ".osrel": "ID=x", ".linux": kernel, ".initrd": `initrd of ${kernel}` });

async function split(config: Partial<Config>, files: Readonly<Record<string, string | Buffer>>) {
  const context = await makeContext(config, files);
  const made = (await splitArtifacts(context)).map(({ path }) => basename(path));
  return { context, made, read: (name: string) => readFile(join(context.staging, name), "utf8") };
}

test("takes kernel and initrd out of the newest unified kernel image", async () => {
  const { made, read } = await split(
    {},
    { "boot/EFI/Linux/debian-6.9.efi": uki("old"), "boot/EFI/Linux/debian-6.12.efi": uki("new") },
  );
  expect(made).toEqual(["image.efi", "image.vmlinuz", "image.initrd"]);
  expect(await read("image.vmlinuz")).toBe("new");
  expect(await read("image.initrd")).toBe("initrd of new");
});

test("prefers the image that firmware starts, if that is one", async () => {
  const files = { "boot/EFI/Linux/debian-6.12.efi": uki("other"), "efi/EFI/BOOT/BOOTX64.EFI": uki("first") };
  expect(await (await split({}, files)).read("image.vmlinuz")).toBe("first");
  const loader = { ...files, "efi/EFI/BOOT/BOOTX64.EFI": makePe({ ".text": "systemd-boot" }) };
  expect(await (await split({}, loader)).read("image.vmlinuz")).toBe("other");
});

test("reads boot entries where there are no unified kernel images", async () => {
  const { made, read } = await split(
    { output: "box" },
    {
      "boot/loader/entries/debian-6.9.conf": "linux /old\n",
      "boot/loader/entries/debian-6.12.conf": "title x\nlinux /d/vmlinuz\ninitrd /d/one\ninitrd /d/two\n",
      "boot/d/vmlinuz": "kernel",
      "boot/d/one": "12345",
      "boot/d/two": "abc",
    },
  );
  expect(made).toEqual(["box.vmlinuz", "box.initrd"]);
  expect(await read("box.vmlinuz")).toBe("kernel");
  expect(await read("box.initrd")).toBe("12345\0\0\0abc\0");
});

test("takes the entry of the image's kernel before others that the tree came with, whatever they are called", async () => {
  const { made, read } = await split(
    { splitArtifacts: ["kernel", "initrd"] },
    {
      "usr/lib/modules/6.14.0 odd name/vmlinuz": "kernel",
      "boot/loader/entries/debian-6.14.0 odd name.conf":
        "version 6.14.0 odd name\nlinux /d/6.14.0 odd name/vmlinuz\ninitrd /d/one\n",
      "boot/d/6.14.0 odd name/vmlinuz": "kernel",
      "boot/d/one": "initrd",
      "boot/loader/entries/zzz.conf": "linux /z\ninitrd /z\n",
      "boot/z": "other",
    },
  );
  expect(made).toEqual(["image.vmlinuz", "image.initrd"]);
  expect([await read("image.vmlinuz"), (await read("image.initrd")).slice(0, 6)]).toEqual(["kernel", "initrd"]);
});

test("takes the newest kernel of a tree that has no boot loader, for machines that start it directly", async () => {
  const modules = {
    "usr/lib/modules/6.9.0/vmlinuz": "old",
    "usr/lib/modules/6.12.0/vmlinux": "raw",
    "usr/lib/modules/6.12.0/vmlinuz": "new",
  };
  const { made, read } = await split(
    { format: "directory" },
    { ...modules, "usr/lib/modules/6.13.0/updates/x.ko": "" },
  );
  expect(made).toEqual(["image.vmlinuz"]);
  expect(await read("image.vmlinuz")).toBe("new");
});

test("makes only what is asked for and is there", async () => {
  expect((await split({}, {})).made).toEqual([]);
  expect((await split({ splitArtifacts: ["kernel"] }, { "boot/EFI/Linux/a.efi": uki("k") })).made).toEqual([
    "image.vmlinuz",
  ]);
  expect((await split({ splitArtifacts: ["os-release"] }, { "usr/lib/os-release": "ID=x\n" })).made).toEqual([
    "image.osrelease",
  ]);
});

test("copies partition definitions, those of the first directory over those of the others", async () => {
  const files = { "a/10-root.conf": "first", "b/10-root.conf": "second", "b/20-home.conf": "home" };
  const place = await makeContext({}, files);
  const { context, made } = await split(
    { splitArtifacts: ["repart-definitions"], repartDirectories: [join(place.root, "a"), join(place.root, "b")] },
    {},
  );
  expect(made).toEqual(["image.repart.d"]);
  const directory = join(context.staging, "image.repart.d");
  expect((await readdir(directory)).toSorted()).toEqual(["10-root.conf", "20-home.conf"]);
  expect(await readFile(join(directory, "10-root.conf"), "utf8")).toBe("first");
});

test("archives the tree beside another format", async () => {
  const { context, made } = await split({ splitArtifacts: ["tar"], compressOutput: "zstd" }, {});
  expect(made).toEqual(["image.tar.zst"]);
  expect(context.runner.commands()[0]).toContain("tar --create --file=/work/image.tar.zst");
});
