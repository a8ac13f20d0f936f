// The version stands in two places, as the program is one file that reads no other to tell it.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { VERSION } from "../../src/facts/version.ts";

test("the program's version is the package's", () => {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  expect(VERSION).toBe((JSON.parse(text) as { readonly version: string }).version);
});
