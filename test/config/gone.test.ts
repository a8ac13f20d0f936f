// What former versions had is told to be gone, and what does its work now is named.

import { expect, test } from "vitest";
import { GONE_FILES, GONE_SETTINGS, goneSetting } from "../../src/facts/gone.ts";
import { rows } from "../../src/settings/index.ts";
import { load, told } from "./support.ts";

const D = "[Distribution]\nDistribution=debian\n";
const gone = Object.keys(GONE_SETTINGS);

test("every setting that is gone names its successor, and is none of today's", async () => {
  const today = new Set(rows.flatMap(([, row]) => [row.name, ...(row.oldNames ?? [])]));
  expect(gone.filter((name) => today.has(name))).toEqual([]);
  const { diagnostics } = await load({
    "mkosi.conf": `${D}[Content]\n${gone.map((name) => `${name}=1\n`).join("")}`,
  });
  expect(diagnostics.map(({ level, message, remedy, origin }) => [level, message, remedy, origin])).toEqual(
    gone.map((name, index) => [
      "warning",
      `${name}= does not exist any more and is ignored`,
      goneSetting(name),
      expect.objectContaining({ line: index + 4, column: 1 }),
    ]),
  );
});

test("successors that are settings exist", () => {
  const today = new Set(rows.map(([, row]) => row.name));
  // of systemd-repart's partition definitions
  const repart = ["SizeMinBytes", "Encrypt", "ReadOnly", "Minimize", "CopyFiles", "Compression", "SplitName"];
  const named = gone.flatMap((name) =>
    [...(goneSetting(name) ?? "").matchAll(/\b([A-Z]\w+)=/g)].map((match) => match[1] ?? ""),
  );
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((name) => !today.has(name) && !repart.includes(name))).toEqual([]);
});

test.each([
  ["RuntimeScratch", "RuntimeSize="],
  ["CDROM", "DiskType=scsi-cd"],
  ["GPTFirstLba", "Nothing came in its place"],
])("%s=", async (name, successor) => {
  const { diagnostics } = await load({ "mkosi.conf": `${D}[Runtime]\n${name}=1\n` });
  expect(diagnostics[0]?.remedy).toContain(successor);
});

test("with --strict it is an error", async () => {
  const loaded = await load({ "mkosi.conf": `${D}[Runtime]\nCDROM=yes\n` }, "--strict");
  expect(told(loaded)).toEqual(["error mkosi.conf:4:1 CDROM= does not exist any more and is ignored"]);
});

test.each([
  ["Partitions", "mkosi.repart"],
  ["Packages", "[Content]"],
  ["Preset", "[Config]"],
])("[%s]", async (section, successor) => {
  const { diagnostics } = await load({ "mkosi.conf": `${D}[${section}]\nA=1\n` });
  expect(diagnostics[0]?.remedy).toContain(successor);
});

test.each([
  ["Output", "Format", "gpt_ext4", "Use Format=disk"],
  ["Output", "Format", "subvolume", "Format=directory"],
  ["Distribution", "Distribution", "centos_epel", "Repositories=epel"],
  ["Validation", "SecureBootSignTool", "pesign", "systemd-sbsign"],
])("[%s] %s=%s", async (section, name, value, successor) => {
  const { diagnostics } = await load({ "mkosi.conf": `[${section}]\n${name}=${value}\n` });
  expect(diagnostics[0]?.remedy).toContain(successor);
  const option = name === "SecureBootSignTool" ? "secure-boot-sign-tool" : name.toLowerCase();
  const given = await load({}, `--${option}=${value}`);
  expect(given.diagnostics[0]?.remedy).toContain(successor);
});

test("%p", async () => {
  const loaded = await load({ "mkosi.conf": `${D}[Content]\nLocale=%p\n` });
  expect(told(loaded)).toEqual(["warning mkosi.conf:4:8 “%p” does not exist any more; it is left out"]);
  expect(loaded.diagnostics[0]?.remedy).toContain("Profiles=");
});

test("files", async () => {
  const loaded = await load({ "mkosi.conf": D, ...Object.fromEntries(Object.keys(GONE_FILES).map((n) => [n, "/"])) });
  expect(told(loaded)).toEqual(
    Object.keys(GONE_FILES).map((name) =>
      name === "mkosi.presets"
        ? "warning mkosi.presets mkosi.presets is the former name of mkosi.images"
        : `warning ${name} ${name} is not read any more`,
    ),
  );
  for (const { remedy } of loaded.diagnostics) expect(remedy).toMatch(/\.$/);
});

test("mkosi.presets has images for now", async () => {
  const { project } = await load({ "mkosi.conf": D, "mkosi.presets/00-base.conf": "[Output]\nFormat=directory\n" });
  expect(project?.images.map((image) => image.name)).toEqual(["00-base", "main"]);
});
