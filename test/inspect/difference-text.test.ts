// What mkosi diff shows on a terminal: lines end where it does, colours with them.

import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import type { Difference } from "../../src/inspect/difference.ts";
import { differenceText } from "../../src/inspect/difference-text.ts";
import { plain, styleFor } from "../../src/report/style.ts";

const NONE = { added: [], removed: [], changed: [] };
const pack = (name: string, version: string) => ({ name, version, architecture: "all", size: 1024 });
const DIFFERENCE: Difference = {
  packages: {
    added: [pack("a-name-that-is-too-long-for-a-narrow-terminal", "1")],
    removed: [pack("gone", "2")],
    changed: [{ from: pack("both", "1"), to: pack("both", "2"), what: ["version"] }],
  },
  files: NONE,
  partitions: NONE,
  efi: NONE,
  units: { added: ["new\u001b[31m.service"], removed: [] },
  release: [],
};

test("signs say which image has what", () => {
  expect(differenceText(DIFFERENCE, { style: plain, width: undefined }).split("\n").slice(0, 4)).toEqual([
    "Packages: 1 added, 1 removed, 1 changed",
    "  - gone 2",
    "  + a-name-that-is-too-long-for-a-narrow-terminal 1",
    "  ~ both 1 → 2",
  ]);
});

test("lines that are cut have their whole colours, and names bring none of their own", () => {
  const style = styleFor({ isTTY: true }, { TERM: "xterm" });
  const lines = differenceText(DIFFERENCE, { style, width: 24 }).split("\n").slice(1);
  const long = lines.find((line) => line.includes("a-name"));
  expect(stripVTControlCharacters(long ?? "")).toBe("  + a-name-that-is-too-…");
  expect(long).toBe(`  ${style("done", "+ a-name-that-is-too-…")}`);
  expect(lines.join("")).not.toContain("\u001b[31m.");
});
