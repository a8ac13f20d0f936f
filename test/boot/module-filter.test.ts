import { expect, test } from "vitest";
import {
  chooseFirmware,
  chooseModules,
  imageModuleFilter,
  initrdModuleFilter,
  isEmptyFilter,
  type ModuleFilter,
} from "../../src/boot/module-filter.ts";
import { makeImage } from "../support/image.ts";

const paths = [
  "kernel/crypto/aes.ko",
  "kernel/drivers/block/loop.ko.xz",
  "kernel/drivers/block/virtio_blk.ko.zst",
  "kernel/drivers/crypto/ccp.ko",
  "kernel/fs/nls/nls_utf8.ko",
  "updates/foo-bar.ko",
];

function filter(modules: readonly string[], modulesExclude: readonly string[] = []): ModuleFilter {
  return { modules, modulesExclude, firmware: [], firmwareExclude: [] };
}

function chosen(modules: readonly string[], exclude: readonly string[] = []): string[] {
  return chooseModules(paths, filter(modules, exclude)).map((path) => path.replace(/^.*\/|\.ko.*$/g, ""));
}

test.each([
  [[], ["aes", "loop", "virtio_blk", "ccp", "nls_utf8", "foo-bar"]],
  [["loop"], ["loop"]],
  [["virtio-blk"], ["virtio_blk"]],
  [["virtio_blk"], ["virtio_blk"]],
  [["foo_bar"], ["foo-bar"]],
  [["block/loop"], ["loop"]],
  [["lock/loop"], []],
  [["/drivers/block/loop"], ["loop"]],
  [["/kernel/drivers/block/loop"], ["loop"]],
  [["/block/loop"], []],
  [["/updates/foo-bar"], ["foo-bar"]],
  [["drivers/block/"], ["loop", "virtio_blk"]],
  [["/fs/nls/"], ["nls_utf8"]],
  [["crypto/"], ["aes", "ccp"]],
  [["crypto/", "-/drivers/crypto/"], ["aes"]],
  [
    ["crypto/", "-/drivers/crypto/", "ccp"],
    ["aes", "ccp"],
  ],
  [
    ["*", "-loop"],
    ["aes", "virtio_blk", "ccp", "nls_utf8", "foo-bar"],
  ],
  [["nls[_]utf8"], []],
  [["nls?utf8"], ["nls_utf8"]],
  [["[!a-m]*"], ["virtio_blk", "nls_utf8"]],
  [["re:block/l.*"], ["loop"]],
  [["re:^drivers/"], ["loop", "virtio_blk", "ccp"]],
])("KernelModules=%j chooses %j", (modules, names) => {
  expect(chosen(modules)).toEqual(names);
});

test("expressions to exclude leave everything else", () => {
  expect(chosen([], ["re:crypto"])).toEqual(["loop", "virtio_blk", "nls_utf8", "foo-bar"]);
  expect(chosen(["aes"], ["re:crypto"])).toEqual(["aes", "loop", "virtio_blk", "nls_utf8", "foo-bar"]);
});

test("default stands for the modules of usual initrds, each once", () => {
  const { modules } = initrdModuleFilter(makeImage({ kernelInitrdModules: ["default", "ahci", "own"] }).config);
  expect(modules).toContain("-/drivers/crypto/");
  expect(modules.at(-1)).toBe("own");
  expect(modules.filter((pattern) => pattern === "ahci")).toHaveLength(1);
  expect(modules).not.toContain("brcmutil");
  expect(
    initrdModuleFilter(makeImage({ kernelInitrdModules: ["default"], architecture: "arm64" }).config).modules,
  ).toContain("brcmutil");
});

test("tells a filter that says nothing", () => {
  expect(isEmptyFilter(imageModuleFilter(makeImage().config))).toBe(true);
  expect(isEmptyFilter(imageModuleFilter(makeImage({ firmwareExclude: ["re:x"] }).config))).toBe(false);
});

test("firmware: what is needed, without what is excluded, with what is asked for", () => {
  const present = ["a.bin.xz", "d/b.bin", "d/c.bin", "e.bin"];
  const needed = new Set(["a.bin.xz", "d/b.bin"]);
  const choose = (firmware: readonly string[], firmwareExclude: readonly string[] = []) =>
    chooseFirmware(needed, present, { modules: [], modulesExclude: [], firmware, firmwareExclude });
  expect(choose([])).toEqual(["a.bin.xz", "d/b.bin"]);
  expect(choose(["e.*"])).toEqual(["a.bin.xz", "d/b.bin", "e.bin"]);
  expect(choose(["-d/"])).toEqual(["a.bin.xz"]);
  expect(choose(["-a.bin", "d/c.bin"])).toEqual(["d/b.bin", "d/c.bin"]);
  expect(choose(["re:^e"], ["re:^d"])).toEqual(["a.bin.xz", "e.bin"]);
});
