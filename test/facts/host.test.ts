import { expect, test } from "vitest";
import { DEFAULT_RELEASES } from "../../src/facts/default-releases.ts";
import { DISTRIBUTIONS } from "../../src/facts/distributions.ts";
import { identifySystem } from "../../src/facts/host.ts";

const identify = (fields: Record<string, string>) => identifySystem(new Map(Object.entries(fields)));

test.for<[string, Record<string, string>, string | undefined, string | undefined]>([
  ["Debian has a code name", { ID: "debian", VERSION_ID: "12", VERSION_CODENAME: "bookworm" }, "debian", "bookworm"],
  ["testing has only a code name", { ID: "debian", VERSION_CODENAME: "forky" }, "debian", "forky"],
  [
    "Fedora has a number, whatever its code name",
    { ID: "fedora", VERSION_ID: "43", VERSION_CODENAME: "x" },
    "fedora",
    "43",
  ],
  [
    "Tumbleweed's version is a date",
    { ID: "opensuse-tumbleweed", ID_LIKE: "opensuse suse", VERSION_ID: "20250101" },
    "opensuse",
    "tumbleweed",
  ],
  ["Azure Linux is called otherwise", { ID: "azurelinux", VERSION_ID: "3.0" }, "azure", "3.0"],
  [
    "a system that is like Ubuntu before Debian",
    { ID: "linuxmint", ID_LIKE: "ubuntu debian", VERSION_CODENAME: "wilma" },
    "ubuntu",
    "wilma",
  ],
  ["Arch Linux has no version", { ID: "arch" }, "arch", undefined],
  ["a system of its own", { ID: "nixos", VERSION_ID: "24.05" }, undefined, "24.05"],
  ["nothing", {}, undefined, undefined],
])("%s", ([, fields, distribution, release]) => {
  expect(identify(fields)).toEqual({ distribution, release });
});

test("every distribution has a default release, and its tools tree is a distribution", () => {
  expect(Object.keys(DEFAULT_RELEASES).sort()).toEqual(Object.keys(DISTRIBUTIONS).sort());
  expect(Object.values(DISTRIBUTIONS).filter(({ toolsTree }) => !Object.hasOwn(DISTRIBUTIONS, toolsTree))).toEqual([]);
});
