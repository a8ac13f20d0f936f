// The INI dialect and the places it keeps.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Entry, parseIni } from "../../src/config/ini.ts";

function entries(text: string): { section: string; key: string; value: string }[] {
  return parseIni(text).flatMap((section) =>
    section.items.flatMap((item) =>
      item.kind === "entry"
        ? [{ section: section.name, key: item.key, value: item.lines.map((line) => line.text).join("\n") }]
        : [],
    ),
  );
}

const problems = (text: string): string[] =>
  parseIni(text).flatMap((section) => section.items.flatMap((item) => (item.kind === "problem" ? [item.message] : [])));

test("sections, settings, comments, continuation", () => {
  expect(entries("# c\n[A] # c\nx=1 # c\n\ny = 2  \n  more # c\n\n\tand\n[ B ]\nz=\n")).toEqual([
    { section: "A", key: "x", value: "1" },
    { section: "A", key: "y", value: "2\nmore\nand" },
    { section: "B", key: "z", value: "" },
  ]);
});

test("the indentation that all lines share is none", () => {
  expect(entries("    [A]\n    x=1\n      2\n    y=3\n")).toEqual([
    { section: "A", key: "x", value: "1\n2" },
    { section: "A", key: "y", value: "3" },
  ]);
});

test("a file that ends without newline, and line ends of others", () => {
  expect(entries("[A]\r\nx=1\r\ny=2")).toEqual([
    { section: "A", key: "x", value: "1" },
    { section: "A", key: "y", value: "2" },
  ]);
});

test("places of every line of a value", () => {
  const entry = parseIni("  [A]\n  key = a b\n    c\n")[0]?.items[0] as Entry;
  expect(entry).toMatchObject({ line: 2, column: 3 });
  expect(entry.lines).toEqual([
    { text: "a b", line: 2, column: 9 },
    { text: "c", line: 3, column: 5 },
  ]);
});

test.each([
  ["x=1", "“x=1” stands before any section"],
  ["[A]\nx", "“x” has no “=”"],
  ["[A]\n=1", "there is no setting before “=”"],
  ["[A", "“[A” is not a section"],
  ["[]", "“[]” is not a section"],
])("%j is a problem", (text, message) => expect(problems(text)).toEqual([message]));

describe("any text", () => {
  test("is read, and every place is in it", () => {
    const line = fc.oneof(fc.string(), fc.constantFrom("[A]", "k=v", "  more", "# c", "\t", "=", "[", "a\u2028b=c"));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.join("\n");
        const count = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/).length;
        for (const section of parseIni(text)) {
          for (const item of section.items) {
            expect(item.line).toBeGreaterThanOrEqual(1);
            expect(item.line).toBeLessThanOrEqual(count);
            expect(item.column).toBeGreaterThanOrEqual(1);
          }
        }
      }),
    );
  });
});
