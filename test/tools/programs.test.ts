import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bootctlInstall } from "../../src/tools/bootctl.ts";
import { compressFile, compressorCommand } from "../../src/tools/compress.ts";
import { createCpio } from "../../src/tools/cpio.ts";
import { runDepmod } from "../../src/tools/depmod.ts";
import { runLocaleGen } from "../../src/tools/locale-gen.ts";
import { moduleFirmware } from "../../src/tools/modinfo.ts";
import { createTar } from "../../src/tools/tar.ts";
import { systemdVersion } from "../../src/tools/tool.ts";
import { runUkify } from "../../src/tools/ukify.ts";
import { makeContext, writeTree } from "../support/tree.ts";

test("bootctl installs from the image and forgets the random seed", async () => {
  const context = await makeContext({}, { "efi/loader/random-seed": "x" });
  await bootctlInstall(context);
  expect(context.runner.commands()).toEqual([
    "bootctl install --root=/buildroot --install-source=image --all-architectures --no-variables",
  ]);
  expect(context.runner.specs[0]?.env).toMatchObject({ SYSTEMD_ESP_PATH: "/efi", SYSTEMD_RELAX_ESP_CHECKS: "1" });
  expect(existsSync(join(context.root, "efi/loader/random-seed"))).toBe(false);
});

test("ukify gets each input under a name of its own", async () => {
  const context = await makeContext();
  await runUkify(context, {
    stub: "/r/linuxx64.efi.stub",
    kernel: "/r/vmlinuz",
    kernelVersion: "6.12",
    initrds: ["/a/initrd", "/b/initrd"],
    osRelease: "/r/os-release",
    commandLine: "quiet rw",
    efiArchitecture: "x64",
    output: "/r/boot/x.efi",
  });
  expect(context.runner.commands()).toEqual([
    "ukify build --efi-arch x64 --uname 6.12 --stub /input/0-linuxx64.efi.stub --linux /input/1-vmlinuz " +
      "--os-release @/input/2-os-release --initrd /input/3-initrd --initrd /input/4-initrd --cmdline @/input/5-x.efi.cmdline --output /output/x.efi",
  ]);
  expect(context.runner.specs[0]?.mounts).toContainEqual({
    type: "bind",
    source: "/b/initrd",
    target: "/input/4-initrd",
    readOnly: true,
  });
  expect(await readFile(join(context.scratch, "x.efi.cmdline"), "latin1")).toBe("quiet rw\0");
});

test("tar makes reproducible archives without volatile files", async () => {
  const context = await makeContext();
  await createTar(context, "/staging/image.tar.zst", ["zstd", "-q", "-3", "-T0", "-c"]);
  expect(context.runner.specs[0]?.argv.slice(0, 13)).toEqual([
    ...[
      "tar",
      "--create",
      "--file=/work/image.tar.zst",
      "--directory=/buildroot",
      "--force-local",
      "--format=pax",
      "--sort=name",
    ],
    ...["--numeric-owner", "--sparse", "--acls", "--selinux", "--xattrs", "--xattrs-include=*"],
  ]);
  expect(context.runner.commands()[0]).toContain("--use-compress-program=zstd -q -3 -T0 --anchored --exclude=./dev/*");
  expect(context.runner.specs[0]?.mounts).toEqual([
    { type: "bind", source: context.root, target: "/buildroot", readOnly: true },
    { type: "bind", source: "/staging", target: "/work", readOnly: false },
  ]);
});

test("cpio archives the whole tree or a list, through a compressor", async () => {
  const context = await makeContext();
  await createCpio(context, { output: "/staging/a.cpio" });
  await createCpio(context, { output: "/staging/b.cpio.zst", paths: ["usr", "usr/x y"], compressor: ["zstd", "-c"] });
  const [whole, list] = context.runner.specs;
  expect(whole?.argv[4]).toMatch(
    /^out=\$1; shift; cd \/buildroot && find .* \| LC_ALL=C sort .* \| cpio --create --format=newc .* >"\$out"$/,
  );
  expect(whole?.argv.slice(5)).toEqual(["bash", "/work/a.cpio"]);
  expect(list?.argv.slice(5)).toEqual(["bash", "/work/b.cpio.zst", "zstd", "-c"]);
  expect(list?.argv[4]).toContain("cat /list | cpio");
  expect(list?.argv[4]).toContain('| "$@" >"$out"');
  expect(await readFile(join(context.scratch, "b.cpio.zst.list"), "utf8")).toBe("usr\0usr/x y\0");
});

test.each([
  ["zstd", 3, "zstd -q -3 -T0 -c"],
  ["zstd", 22, "zstd -q --ultra -22 -T0 -c"],
  ["xz", 6, "xz --check=crc32 -6 -T0 -c"],
  ["gz", 9, "gzip --no-name -9 -c"],
] as const)("compresses with %s at level %d", async (compressor, compressLevel, command) => {
  expect(compressorCommand(await makeContext({ compressLevel }), compressor).join(" ")).toBe(command);
});

test("says which compressor is missing", async () => {
  const context = await makeContext();
  expect(() => compressorCommand(context, "bz2")).toThrow("bzip2 is not in the tools tree");
});

test("a compressed file takes the place of the original, and none is left when the compressor made nothing", async () => {
  const context = await makeContext();
  await writeTree(context.staging, { "image.raw": "data", "image.raw.zst": "made by the compressor" });
  expect(await compressFile(context, join(context.staging, "image.raw"), "zstd")).toBe(
    join(context.staging, "image.raw.zst"),
  );
  expect(existsSync(join(context.staging, "image.raw"))).toBe(false);
  expect(context.runner.specs[0]?.argv.slice(3)).toEqual([
    "sh",
    "/work/image.raw",
    "/work/image.raw.zst",
    "zstd",
    "-q",
    "-3",
    "-T0",
    "-c",
  ]);
  await writeTree(context.staging, { "other.raw": "data" });
  await expect(compressFile(context, join(context.staging, "other.raw"), "zstd")).rejects.toThrow("ENOENT");
  expect(existsSync(join(context.staging, "other.raw"))).toBe(true);
});

test("depmod works on the tree from outside", async () => {
  const context = await makeContext();
  await runDepmod(context, "6.12");
  expect(context.runner.commands()).toEqual(["depmod --basedir=/buildroot --all 6.12"]);
});

test("asks modinfo about many modules at once, sorted and without repetition", async () => {
  const context = await makeContext({}, {}, () => "b.bin\na.bin\nb.bin\n");
  expect(await moduleFirmware(context, "6.12", ["one", "two"])).toEqual(["a.bin", "b.bin"]);
  expect(context.runner.commands()).toEqual([
    "modinfo --basedir=/buildroot --set-version=6.12 --field=firmware one two",
  ]);
  await moduleFirmware(
    context,
    "6.12",
    Array.from({ length: 5001 }, (_, index) => `m${index}`),
  );
  expect(context.runner.commands()).toHaveLength(3);
});

test("generates locales only when one is asked for", async () => {
  const context = await makeContext({}, { "etc/locale.gen": "# en_US.UTF-8 UTF-8\n\n" });
  await runLocaleGen(context);
  expect(context.runner.specs).toEqual([]);
  await writeTree(context.root, { "etc/locale.gen": "# all\nde_DE.UTF-8 UTF-8\n" });
  await runLocaleGen(context);
  expect(context.runner.specs).toMatchObject([{ argv: ["locale-gen"], base: { kind: "image" } }]);
});

test("asks for a program's version once", async () => {
  const context = await makeContext({}, {}, () => "systemd 262 (262-1)\n+PAM\n");
  expect(await systemdVersion(context, "bootctl")).toBe(262);
  expect(await systemdVersion(context, "bootctl")).toBe(262);
  expect(context.runner.commands()).toEqual(["bootctl --version"]);
});
