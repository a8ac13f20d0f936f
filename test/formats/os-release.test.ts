import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseOsRelease, readOsRelease } from "../../src/formats/os-release.ts";

test("quotes, escapes, comments and lines that are nothing", () => {
  const fields = parseOsRelease(
    [
      "# a comment",
      "ID=debian",
      'PRETTY_NAME="Debian \\"13\\" \\$HOME"',
      "NAME='it is \\n'",
      "nonsense",
      'ODD="',
      "EMPTY=",
      " X = 1",
    ].join("\n"),
  );
  expect(Object.fromEntries(fields)).toEqual({
    ID: "debian",
    PRETTY_NAME: 'Debian "13" $HOME',
    NAME: "it is \\n",
    ODD: '"',
    EMPTY: "",
  });
});

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "os-release-"));
});
afterEach(() => rmSync(root, { recursive: true }));

test("/etc comes before /usr/lib, and neither is no error", () => {
  expect(readOsRelease(root)).toBeUndefined();
  mkdirSync(join(root, "usr/lib"), { recursive: true });
  writeFileSync(join(root, "usr/lib/os-release"), "ID=vendor\n");
  expect(readOsRelease(root)?.get("ID")).toBe("vendor");
  mkdirSync(join(root, "etc"));
  writeFileSync(join(root, "etc/os-release"), "ID=admin\n");
  expect(readOsRelease(root)?.get("ID")).toBe("admin");
});
