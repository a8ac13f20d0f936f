// What unified kernel images get besides kernel, initrds and command line.

import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { chooseDevicetrees, devicetreeSections, onlyDevicetree } from "../../src/boot/devicetrees.ts";
import { splashFile, splashReads } from "../../src/boot/splash.ts";
import { buildProfiles, checkProfiles, profileText } from "../../src/boot/uki-profiles.ts";
import type { Config } from "../../src/settings/index.ts";
import { placesBelow } from "../../src/tools/looked-at.ts";
import { makePe } from "../formats/make-pe.ts";
import { makeImage } from "../support/image.ts";
import { makeContext } from "../support/tree.ts";

const BITMAP = Buffer.from("BM and so on");

test("a picture is found inside the image, also through links", async () => {
  const context = await makeContext({ splash: "/usr/share/logo.bmp" }, { "usr/share/real.bmp": BITMAP });
  await symlink("/usr/share/real.bmp", join(context.root, "usr/share/logo.bmp"));
  expect(await splashFile(context)).toBe(join(context.root, "usr/share/real.bmp"));
  expect(placesBelow(context.root, splashReads(context))).toContain("usr/share/real.bmp");
  expect(await splashFile(await makeContext())).toBeUndefined();
});

test.each([
  [{}, "there is no file /logo.bmp in it"],
  [{ "logo.bmp": "\x89PNG" }, "/logo.bmp is not a BMP file"],
  [{ "logo.bmp": "B" }, "/logo.bmp is not a BMP file"],
  [{ "logo.bmp/": "" }, "there is no file /logo.bmp in it"],
])("no picture: %j", async (files, message) => {
  await expect(splashFile(await makeContext({ splash: "/logo.bmp" }, files))).rejects.toThrow(message);
});

const TREES = {
  "usr/lib/modules/6.1/dtb/rockchip/rk3588-a.dtb": "a",
  "usr/lib/modules/6.1/dtb/rockchip/rk3588-evb.dtb": "evb",
  "usr/lib/linux-image-6.1/freescale/imx8.dtb": "imx",
  "usr/lib/linux-image-6.1/freescale/imx8.dts": "source",
  "usr/lib/linux-image-6.2/freescale/imx9.dtb": "of another kernel",
};

test.each([
  [["rockchip/*"], ["rockchip/rk3588-a.dtb", "rockchip/rk3588-evb.dtb"]],
  [["rockchip/", "-*-evb.dtb"], ["rockchip/rk3588-a.dtb"]],
  [
    ["imx8.dtb", "*-a.dtb"],
    ["rockchip/rk3588-a.dtb", "freescale/imx8.dtb"],
  ],
  [["freescale/imx8.dtb"], ["freescale/imx8.dtb"]],
])("Devicetrees=%j", async (devicetrees, names) => {
  const context = await makeContext({ devicetrees }, TREES);
  expect((await chooseDevicetrees(context, "6.1")).map(({ name }) => name)).toEqual(names);
});

test.each([
  [["imx9.dtb"], "matches Devicetrees=imx9.dtb (there are 3)"],
  [["rockchip/*", "imx9.dtb"], "matches Devicetrees=imx9.dtb"],
  [["qcom/*", "-*"], "matches Devicetrees=qcom/*,-*"],
])("Devicetrees=%j are not there", async (devicetrees, message) => {
  await expect(chooseDevicetrees(await makeContext({ devicetrees }, TREES), "6.1")).rejects.toThrow(message);
});

test("one device tree is used, of several the stub chooses, and a boot entry takes one", async () => {
  const [one, two] = [
    { name: "a.dtb", path: "/a.dtb" },
    { name: "b.dtb", path: "/b.dtb" },
  ];
  expect(devicetreeSections([one])).toEqual([{ option: "--devicetree", path: "/a.dtb" }]);
  expect(devicetreeSections([one, two]).map(({ option }) => option)).toEqual([
    "--devicetree-auto",
    "--devicetree-auto",
  ]);
  const context = await makeContext();
  expect(onlyDevicetree(context, [one])).toBe(one);
  expect(onlyDevicetree(context, [])).toBeUndefined();
  expect(() => onlyDevicetree(context, [one, two])).toThrow("takes one device tree, and Devicetrees= matches 2");
});

test("a profile is written as os-release is", () => {
  expect(profileText({ ID: "reset", TITLE: 'The "big" $reset', N: "" })).toBe(
    'ID=reset\nTITLE="The \\"big\\" \\$reset"\nN=\n',
  );
});

const stub = (version: string) => makePe({ ".sdmagic": `#### LoaderInfo: systemd-stub ${version} ####` });
const profile = (ID: string, signExpectedPcr = true) => ({ profile: { ID }, cmdline: ["more"], signExpectedPcr });

async function build(config: Partial<Config>, files: Record<string, Buffer> = {}, ukify = "ukify 257 (257)") {
  const context = await makeContext(config, { stub: stub("257.1"), addon: stub("257.1"), ...files }, () => ukify);
  const [own, addonStub] = [join(context.root, "stub"), join(context.root, "addon")];
  const sections = await buildProfiles(context, { stub: own, addonStub, commandLine: "quiet" });
  return { context, sections };
}

test("profiles are made by ukify, each with its own command line, and joined in their order", async () => {
  const { context, sections } = await build({ unifiedKernelImageProfiles: [profile("b"), profile("a")] });
  expect(sections.map(({ option }) => option)).toEqual(["--join-profile", "--join-profile"]);
  const commands = context.runner.commands().filter((command) => command.startsWith("ukify build"));
  expect(commands).toHaveLength(2);
  expect(commands[0]).toMatch(
    /^ukify build --efi-arch x64 --stub \S+ --cmdline @\S+ --profile @\S+ --output \S+-0.efi$/,
  );
  expect((await build({})).sections).toEqual([]);
});

test.each([
  [[profile("a")], {}, "ukify 256 (256)", "ukify 256 makes no profiles"],
  [[profile("a")], { stub: stub("255") }, undefined, "its systemd-stub 255 knows no profiles"],
])("profiles that cannot be made: %#", async (unifiedKernelImageProfiles, files, ukify, message) => {
  await expect(build({ unifiedKernelImageProfiles }, files, ukify)).rejects.toThrow(message);
});

test.each([
  [[profile("a"), profile("")], "has no ID"],
  [[profile("a"), profile("b"), profile("a")], "have the ID a"],
])("profiles that cannot be told apart: %#", (unifiedKernelImageProfiles, message) => {
  expect(() => checkProfiles(makeImage({ unifiedKernelImageProfiles }))).toThrow(message);
});

test("profiles need the stub for add-ons", async () => {
  const context = await makeContext({ unifiedKernelImageProfiles: [profile("a")] });
  const options = { stub: "/stub", addonStub: join(context.root, "none"), commandLine: "" };
  await expect(buildProfiles(context, options)).rejects.toThrow("stub for add-ons, and it is not in the image");
});
