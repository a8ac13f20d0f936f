// Value types: what they accept, what they make of it, what they say to the rest. That accepted values come out as
// the original's is the differential test's business.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rows, settings } from "../../src/settings/index.ts";
import { compilePattern, globSync } from "../../src/settings/types/glob.ts";
import { parseBytes, printBytes } from "../../src/settings/types/number.ts";
import { expandVariables, normalizePath, resolvePath } from "../../src/settings/types/path.ts";
import { splitAtCommas, splitQuoted } from "../../src/settings/types/split.ts";
import { type ParseContext, ValueError } from "../../src/settings/types/value.ts";

const context: ParseContext = {
  directory: import.meta.dirname,
  environment: { HOME: "/home/u", NAME: "value" },
  previous: undefined,
  warn: () => undefined,
  readSection: () => ({ entries: [], place: { report: () => {} } }),
};

describe("splitting", () => {
  test("commas and white space, with places", () => {
    expect(splitAtCommas(" a,b\n\tc ,, d")).toEqual([
      { text: "a", offset: 1 },
      { text: "b", offset: 3 },
      { text: "c", offset: 6 },
      { text: "d", offset: 11 },
    ]);
  });

  test.each([
    ["a 'b c' d", ["a", "b c", "d"]],
    ['a="b c"d', ["a=b cd"]],
    ["a\\ b", ["a b"]],
    ['"a\\"b\\n"', ['a"b\\n']],
    ["'a\\'b", ["a\\b"]],
    ["'' x", ["", "x"]],
    ["", []],
  ])("quotes: %s", (text, words) => {
    expect(splitQuoted(text).map((piece) => piece.text)).toEqual(words);
  });

  test("an open quote is told with its place", () => {
    expect(() => splitQuoted("ab 'c")).toThrow(expect.objectContaining({ offset: 3 }));
  });

  test("quoting any words and splitting gives them back", () => {
    const quote = (word: string): string => `'${word.replaceAll("'", `'"'"'`)}'`;
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        expect(splitQuoted(words.map(quote).join(" ")).map((piece) => piece.text)).toEqual(words);
      }),
    );
  });
});

describe("sizes", () => {
  test.each([
    ["1", 4096],
    ["4096", 4096],
    ["4097", 8192],
    ["1.5K", 4096],
    ["2G", 2 * 1024 ** 3],
  ])("%s is %d bytes", (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  test("what is printed is read as the same", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (pages) => {
        expect(parseBytes(printBytes(pages * 4096))).toBe(pages * 4096);
      }),
    );
  });

  test.each(["", "lots", "-1", "0", "1T", "0x10", "1e400"])("%s is none", (text) => {
    expect(() => parseBytes(text)).toThrow(ValueError);
  });
});

describe("paths", () => {
  test.each([
    ["a//b/./c/", "a/b/c"],
    ["/../a", "/../a"],
    ["", "."],
    ["///a", "/a"],
    ["//a", "//a"],
  ])("%s is %s", (text, normal) => expect(normalizePath(text)).toBe(normal));

  test("variables", () => {
    expect(expandVariables("$constructor", context.environment)).toBe("$constructor");
    expect(expandVariables("$NAME-${NAME}-$OTHER-${OTHER}-$", context.environment)).toBe(
      "value-value-$OTHER-${OTHER}-$",
    );
  });

  test("what does not exist is kept", () => {
    expect(resolvePath("a/../b/./c", "/nowhere")).toBe("/nowhere/b/c");
  });
});

describe("patterns", () => {
  test.each([
    ["a*c", "abbc", true],
    ["a?c", "ac", false],
    ["[a-c]x", "bx", true],
    ["[!a-c]x", "bx", false],
    ["[]]", "]", true],
    ["a.c", "abc", false],
    ["[a", "[a", true],
    ["a+(b)", "a+(b)", true],
    ["[\\-0]x", "1x", false],
    ["[]-a]", "^", true],
    ["?", "😀", true],
    ["[😀-😂]", "😁", true],
    ["*", "", true],
    ["a*a", "a", false],
    ["a**b*", "ab", true],
    ["*ab*bc", "abc", false],
    ["*[😀-😂]*b", "a😁b", true],
    ["*?", "😀", true],
    ["*a*a*a*a*a*a*a*a*b", "a".repeat(5000), false],
  ])("%s on %s", (pattern, name, matches) => expect(compilePattern(pattern).test(name)).toBe(matches));

  test("files, sorted", () => {
    expect(globSync("t*.test.ts", import.meta.dirname)).toEqual(["table.test.ts", "types.test.ts"]);
    expect(globSync("../settings/t?ble*", import.meta.dirname)).toEqual(["../settings/table.test.ts"]);
    expect(globSync("nothing*", import.meta.dirname)).toEqual([]);
  });

  test("any pattern is a valid regular expression", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[[\]!\\^aA0-]{0,9}$/)), (pattern) => {
        compilePattern(pattern);
      }),
    );
  });
});

describe("any text", () => {
  test.each(rows.map(([, row]) => [row.name, row] as const))("%s: a value, or a ValueError", (_name, row) => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          const change = row.type.parse(text, context);
          if (change.type === "set") expect(JSON.stringify(row.type.json(change.value))).toBeTypeOf("string");
        } catch (error) {
          expect(error).toBeInstanceOf(ValueError);
        }
      }),
      { numRuns: 50 },
    );
  });
});

test("completions of words are accepted", () => {
  for (const [, row] of rows) {
    if (row.type.completion.kind !== "words" || row.into !== undefined) continue;
    for (const word of row.type.completion.words)
      expect(() => row.type.parse(word, context), `${row.name}=${word}`).not.toThrow();
  }
});

test("printed scalars are read as the same", () => {
  expect(settings.vsockCid.type.print(-2)).toBe("hash");
  expect(settings.outputMode.type.print(0o644)).toBe("0644");
  expect(settings.rootPassword.type.print({ password: "x", hashed: true })).toBe("hashed:x");
});
