// What CONTRIBUTING.md asks of a new distribution, besides its own file: package lists, and tests of its addresses and packages.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DEFAULT_RELEASES } from "../../src/facts/default-releases.ts";
import { DISTRIBUTIONS, type DistributionName } from "../../src/facts/distributions.ts";
import { LINKS, RPM_REPOSITORIES } from "../distros/make/layouts.ts";

type Reasons = Partial<Record<DistributionName, string>>;

/** The default initrd, tools tree and machine image are not made of these. */
const NO_LISTS: Reasons = {
  mageia: "the original has no lists for it",
  openmandriva: "the original has no lists for it",
  "rhel-ubi": "its repositories lack what these images need",
};

/** The local mirror does not have these. */
const NO_MIRROR: Reasons = {
  custom: "it has no packages",
  debian: "its own mirror is reached from where tests run",
  kali: "not tried: by the code of Debian",
  postmarketos: "apk is in no suite of Debian; apk.test.ts looks at the index alone",
  ubuntu: "not tried: by the code of Debian",
};

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const textOf = (paths: readonly string[]) => paths.map(read).join("\n");
const below = (directory: string, extension: string) =>
  readdirSync(join(ROOT, directory), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(extension) && !name.endsWith("complete.test.ts"))
    .map((name) => join(directory, name));

const lists = textOf(below("builtin", ".conf"));
const addressTests = textOf([...below("test/distributions", ".ts"), ...below("test/package-managers", ".ts")]);
const mirrored = new Set(
  [...RPM_REPOSITORIES.map(({ path }) => path), ...Object.keys(LINKS)].map((path) => path.split("/")[0]),
);
const built = textOf(["test/distros/directory.test.ts", "test/distros/pacman.test.ts"]);
const manual = read("docs/manual/building.md");

describe.each(Object.keys(DISTRIBUTIONS) as DistributionName[])("%s", (name) => {
  test("has package lists in builtin/, or a reason", () => {
    expect(new RegExp(`^Distribution=\\|?${name}$`, "m").test(lists)).toBe(NO_LISTS[name] === undefined);
  });

  test.skipIf(name === "custom")("has a test of its addresses", () => {
    expect(addressTests).toMatch(new RegExp(`/src/distributions/${name}\\.ts"`));
  });

  test("has a layout in the local mirror and a build of it, or a reason", () => {
    expect(mirrored.has(name)).toBe(NO_MIRROR[name] === undefined);
    expect(built).toMatch(NO_MIRROR[name] === undefined ? new RegExp(`"${name}"|Distribution=${name}\\b`) : /./);
  });

  test("has a default release, and stands in the manual's table", () => {
    expect(DEFAULT_RELEASES).toHaveProperty(name);
    expect(manual.split("\n").some((line) => line.startsWith("| `") && line.includes(`\`${name}\``))).toBe(true);
  });
});
