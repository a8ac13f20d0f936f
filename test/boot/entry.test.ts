import { expect, test } from "vitest";
import { checkEntryFormat, entryName, entryToken, kernelCommandLine, needsPartitions } from "../../src/boot/entry.ts";
import type { Failure } from "../../src/report/failure.ts";
import { makeImage } from "../support/image.ts";
import { makeContext } from "../support/tree.ts";

test.each([
  [{ "etc/kernel/entry-token": "mine\n", "usr/lib/os-release": "ID=debian\n" }, "mine"],
  [
    { "etc/machine-id": "0e6b3ba10dc44f0f9c4fc1ad9e0f1a9b\n", "usr/lib/os-release": "ID=debian\n" },
    "0e6b3ba10dc44f0f9c4fc1ad9e0f1a9b",
  ],
  [{ "etc/machine-id": "uninitialized\n", "usr/lib/os-release": "ID=debian\nIMAGE_ID=box\n" }, "box"],
  [{ "usr/lib/os-release": "ID=debian\n" }, "debian"],
  [{}, "Default"],
])("%j has the entry token %s", async (files, token) => {
  expect(await entryToken((await makeContext({}, files)).root)).toBe(token);
});

test.each([
  [{ "etc/kernel/entry-token": "../../../etc\n" }, "../../../etc", "/etc/kernel/entry-token"],
  [{ "etc/kernel/entry-token": "..\n" }, "..", "/etc/kernel/entry-token"],
  [{ "etc/kernel/entry-token": "a:b\n" }, "a:b", "/etc/kernel/entry-token"],
  [{ "usr/lib/os-release": "IMAGE_ID=a/b\n" }, "a/b", "/usr/lib/os-release"],
])("%j is refused", async (files, token, place) => {
  const failure = await entryToken((await makeContext({}, files)).root).catch((error: unknown) => error as Failure);
  expect(failure).toMatchObject({
    message: `the image's boot entries cannot be called “${token}”: that is no name of a file`,
    details: { remedy: expect.stringContaining(place) as string },
  });
});

test.each([
  [null, {}, "debian-6.12"],
  ["", {}, "debian-6.12"],
  [null, { "etc/kernel/tries": "3\n" }, "debian-6.12+3"],
  ["linux_&k_&&_&e_&x", {}, "linux_6.12_&_debian_"],
])("UnifiedKernelImageFormat=%s gives %o the name %s", async (unifiedKernelImageFormat, files, name) => {
  const context = await makeContext({ unifiedKernelImageFormat }, { "usr/lib/os-release": "ID=debian\n", ...files });
  expect(await entryName(context, "6.12")).toBe(name);
});

const partitions = [
  { type: "esp", uuid: "e" },
  { type: "root-x86-64", uuid: "r" },
  { type: "usr-x86-64", uuid: "u" },
];

test.each([
  [["quiet"], {}, "quiet"],
  [[], {}, ""],
  [["rw", "root=PARTUUID", "mount.usr=PARTUUID"], {}, "rw root=PARTUUID=r mount.usr=PARTUUID=u"],
  [["root=PARTUUID=other", "xroot=PARTUUID"], {}, "root=PARTUUID=other xroot=PARTUUID"],
  [["b"], { "etc/kernel/cmdline": "a\n", "usr/lib/kernel/cmdline": "ignored" }, "a b"],
  [["b"], { "usr/lib/kernel/cmdline": "a\n" }, "a b"],
])("%j and %o make the command line %j", async (words, files, line) => {
  expect(await kernelCommandLine(await makeContext({ kernelCommandLine: words }, files), partitions)).toBe(line);
});

test("a format that makes no name of a file is refused before anything is built", () => {
  const check = (unifiedKernelImageFormat: string | null) => () =>
    checkEntryFormat(makeImage({ unifiedKernelImageFormat }));
  for (const format of ["a:b*?", "back\\slash", "tab\t"]) expect(check(format)).toThrow(/makes no name of a file/);
  for (const format of ["&e_&k&&+&c", "", null]) check(format)();
});

test("knows when partitions are needed", async () => {
  expect(needsPartitions(await makeContext({ kernelCommandLine: ["root=PARTUUID"] }))).toBe(true);
  expect(needsPartitions(await makeContext({ kernelCommandLine: ["root=PARTUUID=x"] }))).toBe(false);
});
