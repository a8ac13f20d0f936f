// JSON back to values: what we print is read again as it was, for every setting; what is not understood is named.

import { describe, expect, test } from "vitest";
import { isInJson, type JsonError, parseObject, valuesFromJson } from "../../src/config/from-json.ts";
import { imageJson } from "../../src/config/json.ts";
import { type Config, rows } from "../../src/settings/index.ts";
import type { Json } from "../../src/settings/types/value.ts";
import { cases } from "../differential/cases/index.ts";
import { load } from "./support.ts";

type Values = Readonly<Record<string, Json>>;

test("every value of every project of the differential test", async () => {
  const seen = new Map<string, Set<string>>();
  for (const { files, argv, refused } of cases) {
    if (refused !== undefined) continue;
    const { project } = await load(files ?? {}, ...(argv ?? []));
    if (project === undefined) continue; // it needs the environment of the differential test
    for (const image of [...project.images, ...(project.tools === undefined ? [] : [project.tools])]) {
      const json = JSON.parse(JSON.stringify(imageJson(image))) as Values;
      const values = valuesFromJson(json, (key) => image.config[key] === null);
      for (const [key, value] of Object.entries(image.config)) {
        if (!isInJson(key as keyof Config)) continue;
        // our own are not there unless they are set
        if (rows.some(([other, { own }]) => other === key && own === true) && !values.has(key as keyof Config))
          continue;
        expect(values.get(key as keyof Config), key).toEqual(value);
        seen.set(key, (seen.get(key) ?? new Set()).add(JSON.stringify(value)));
      }
    }
  }
  // the test is worth little for a setting that is always unset; VerityKeySource= is of a kind with SecureBootKeySource=
  const constant = rows
    .filter(([key, { own }]) => own !== true && isInJson(key) && (seen.get(key)?.size ?? 0) < 2)
    .map(([, row]) => row.name);
  expect(constant.filter((name) => name !== "VerityKeySource")).toEqual([]);
}, 60_000);

describe("what is not understood", () => {
  const told = (json: Values): string => {
    try {
      valuesFromJson(json, () => false);
      return "accepted";
    } catch (error) {
      return (error as Error).message;
    }
  };

  test.each<[Values, string]>([
    [{ Packages: "a" }, 'Packages must be a list, but is "a"'],
    [{ Packages: ["a", 3] }, "Packages[1] must be a text, but is 3"],
    [{ Bootable: "maybe" }, 'Bootable must be one of auto, enabled, disabled, but is "maybe"'],
    [{ Autologin: "yes" }, 'Autologin must be true or false, but is "yes"'],
    [{ CompressLevel: 1.5 }, "CompressLevel must be a whole number, but is 1.5"],
    [{ CompressLevel: -1 }, "CompressLevel must be at least 0, but is -1"],
    [{ Environment: { A: 1 } }, "Environment.A must be a text, but is 1"],
    [{ ExtraTrees: [{ Source: "/a" }] }, "ExtraTrees[0] has no Target"],
    [
      { ExtraTrees: [{ Source: "/a", Target: null, To: "" }] },
      "ExtraTrees[0].To is not known; known are Source, Target",
    ],
    [{ Drives: [{ Id: "a", Size: "much" }] }, "Drives: “much” is not a size"],
    [{ RootPassword: ["a"] }, "RootPassword must have 2 elements, but has 1"],
    [{ Seed: "x" }, 'Seed must match ^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$, but is "x"'],
    [{ Distribution: null }, "Distribution must not be null"],
    [{ Packages: null }, "Packages must not be null"],
    [{ Pakages: [] }, "Pakages is not a setting that an image has"],
    [{ ToolsTreePackages: ["a"] }, "ToolsTreePackages is not a setting that an image has"],
    [{ QemuMem: "1G" }, 'QemuMem must be a whole number, but is "1G"'],
  ])("%j", (json, message) => expect(told(json)).toBe(message));

  test("a name that is nearly right", () => {
    expect(() => valuesFromJson({ Pakages: [] }, () => false)).toThrow(
      expect.objectContaining({ remedy: "Did you mean Packages?" } satisfies Partial<JsonError>),
    );
  });

  test.each([
    ["", "its output is empty"],
    ["{", "its output is not JSON: "],
    ["[]", "its output is not a JSON object"],
    ["null", "its output is not a JSON object"],
  ])("the text %j", (text, message) => expect(() => parseObject(text, "its output")).toThrow(message));
});

test("short forms and former names that the original takes", () => {
  const values = valuesFromJson(
    {
      QemuMem: 1024 ** 3,
      Drives: [{ Id: "data", Size: "1G" }],
      Credentials: [{ Name: "a", Value: "b" }],
      VerityKeySource: { Type: "file" },
    },
    () => false,
  );
  expect(Object.fromEntries(values)).toEqual({
    ram: 1024 ** 3,
    drives: [{ id: "data", size: 1024 ** 3, directory: null, options: null, fileId: "data", flags: [] }],
    credentials: [{ name: "a", value: "b", path: null }],
    verityKeySource: { type: "file", source: "" },
  });
});

test.each<[Values, string]>([
  [{ Output: ".." }, "Output: “..” is not a file name"],
  [{ Output: "" }, "Output: “” is not a file name"],
  [{ Output: " " }, "Output: “ ” is not a file name"],
  [{ Profiles: ["../x"] }, "Profiles: “../x” is not a file name"],
  [{ Drives: [{ Id: "../x", Size: 4096 }] }, "Drives: “../x” cannot be the id of a drive"],
  [{ MinimumVersion: "9999" }, "MinimumVersion: this configuration needs version 9999 or newer"],
  [{ VSockCID: 1 }, "VSockCID: “1” is not a VSock connection id"],
  [{ KernelModules: ["re:("] }, "KernelModules: “(” is not a regular expression"],
  [{ Hostname: "a\0b" }, "Hostname must not hold a NUL character"],
])("what a file could not say is refused in JSON, too: %j", (json, message) => {
  expect(() => valuesFromJson(json, () => false)).toThrow(message);
});
