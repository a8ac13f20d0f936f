// The layout of configuration files: what comes out is always the same, and what a file means never changes.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type IniSection, parseIni } from "../../src/config/ini.ts";
import { layOutConfig } from "../../src/config/layout.ts";
import { layOutUnit } from "../../src/config/unit-layout.ts";
import { rows } from "../../src/settings/index.ts";
import { runs } from "../support/runs.ts";

const UNTIDY = `

  # The system.
  [ Content ]

  Packages = a # one
     b,c
  # two more
    d

    # e

  Hostname=x#y
  [Match]   # when

  Distribution = debian


  # about output
  [Output]
  Format=disk`;

const TIDY = `# The system.
[Content]
Packages=
        a # one
        b,c
        # two more
        d

        # e

Hostname=x#y

[Match] # when
Distribution=debian

# about output
[Output]
Format=disk
`;

test("blanks, indentation and empty lines", () => {
  expect(layOutConfig(UNTIDY)).toBe(TIDY);
  expect(layOutConfig(TIDY)).toBe(TIDY);
});

test("a byte order mark and the ends of lines of other systems go", () =>
  expect(layOutConfig("\ufeff[Content]\r\nPackages=a\r\n")).toBe("[Content]\nPackages=a\n"));

test("what is no assignment stays as it is written", () =>
  expect(layOutConfig("lost = 1\n[Content\n[Content]\n=x\nPackages\n")).toBe(
    "lost = 1\n[Content\n\n[Content]\n=x\nPackages\n",
  ));

test("nothing at all", () => expect([layOutConfig(""), layOutConfig("\n \n"), layOutUnit("\n")]).toEqual(["", "", ""]));

const names = rows.map(([, row]) => row.name);
const line = fc.oneof(
  fc.tuple(fc.constantFrom(...names), fc.constantFrom("=", " = ", "= "), fc.string()).map((parts) => parts.join("")),
  fc.constantFrom(
    "[Content]",
    " [Match]",
    "[ Output ]",
    "[x",
    "[]",
    "",
    "  ",
    "\t",
    "# a",
    "  # b",
    "x",
    "  [Content]",
  ),
  fc.tuple(fc.constantFrom("", " ", "\t"), fc.string({ unit: "binary" })).map((parts) => parts.join("")),
  fc.constantFrom("  a", "\tb # c", "  c#d", "  Packages=x", "a\fb", "a\u2028  b", "[Match]\v x=1", "  ;", "=", " =1"),
);
const text = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n", "\n  "))
  .map(([lines, end]) => lines.join(end));

/** What a reader gets, without places; lists as they come together. */
function meaning(source: string, wanted?: ReadonlySet<string>): unknown {
  const sections: readonly IniSection[] = parseIni(source.replace(/^\ufeff/, ""), wanted);
  return sections.map(({ name, items }) => ({
    name,
    items: items.map((item) => {
      if (item.kind === "problem") return item.message;
      const lines = item.lines.map((each) => [each.text, each.cut !== undefined]);
      // a list that goes on may begin on its first line or on the next one
      return [item.key, lines.length > 1 && lines[0]?.[0] === "" && lines[0][1] === false ? lines.slice(1) : lines];
    }),
  }));
}

describe("any file", () => {
  test("means the same, to all its readers", () => {
    fc.assert(
      fc.property(text, (source) => {
        const after = layOutConfig(source);
        for (const wanted of [undefined, new Set(["Match"]), new Set(["Content", "Output"])])
          expect(meaning(after, wanted)).toEqual(meaning(source, wanted));
      }),
      { numRuns: runs(3000) },
    );
  });

  test("is not changed a second time", () => {
    fc.assert(
      fc.property(text, (source) => {
        expect(layOutConfig(layOutConfig(source))).toBe(layOutConfig(source));
      }),
      { numRuns: runs(2000) },
    );
    fc.assert(
      fc.property(text, (source) => {
        expect(layOutUnit(layOutUnit(source))).toBe(layOutUnit(source));
      }),
      { numRuns: runs(1000) },
    );
  });

  test("keeps its comments", () => {
    const comments = (source: string): string[] =>
      source.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/).flatMap((each) => {
        const hash = each.indexOf("#");
        return hash < 0 ? [] : [each.slice(hash).replace(/[\s\x1c-\x1f\x85]+$/, "")];
      });
    fc.assert(
      fc.property(text, (source) => {
        expect(comments(layOutConfig(source))).toEqual(comments(source));
      }),
      { numRuns: runs(1000) },
    );
  });
});

test("partition definitions: comments with a semicolon, values that hold a #, lines that a backslash goes on", () =>
  expect(
    layOutUnit(
      "; root\n[Partition]\n\n Type = root\nCopyFiles=/a#b \\\n  # not yet\n    /c \\ \n\n\nMinimize=best\n\n",
    ),
  ).toBe("; root\n[Partition]\nType=root\nCopyFiles=/a#b \\\n  # not yet\n    /c \\ \n\nMinimize=best\n"));
