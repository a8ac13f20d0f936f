import { expect, test } from "vitest";
import { cut, tableLines } from "../../src/report/table.ts";

test("columns are as wide as what is in them, numbers at their ends", () => {
  const rows = [
    ["1", "root", "10 B"],
    ["12", "a longer one", "1.5 KiB"],
  ];
  expect(tableLines(rows, { columns: [{ align: "right" }, {}, { align: "right" }] })).toEqual([
    "   1  root             10 B",
    "  12  a longer one  1.5 KiB",
  ]);
});

test("lines end where the terminal does, and control characters are shown", () => {
  expect(tableLines([["abc", "def"]], { width: 8 })).toEqual(["  abc  …"]);
  expect(tableLines([["a\u001b[31mb"]])[0]).not.toContain("\u001b");
  expect(cut("short", undefined)).toBe("short");
  expect(cut("ä".repeat(5), 5)).toBe("ä".repeat(5));
});
