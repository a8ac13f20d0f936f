// What check says of partition definitions, and that systemd-repart knows every setting that we know.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { problemsOfDefinition } from "../../src/config/check-definitions.ts";
import { PARTITION_SETTINGS } from "../../src/facts/partition-settings.ts";
import { cacheDirectory, keptToolsTree } from "../support/tools-tree.ts";

const told = (text: string): string[] =>
  problemsOfDefinition("/x.conf", text).map(({ level, message, origin, remedy }) => {
    const place = origin?.kind === "file" ? `${origin.line}:${origin.column}` : "";
    return `${level} ${place} ${message} ${remedy ?? ""}`.trim();
  });

test("names and words that systemd-repart does not know", () => {
  expect(
    told("Type=root\n[Partition]\nTpe=root\n  Minimize = fastest\nFormat=\\\n  ext4\n; Formatt=\n[Partitoin]\nx\n"),
  ).toEqual([
    "error 1:1 “Type=root” stands before any section Put [Partition] above it.",
    "warning 3:1 Tpe= is not a setting of [Partition] and is ignored Did you mean Type=?",
    "error 4:14 Minimize: “fastest” is not one of off, best, guess, yes, no",
    "warning 8:1 [Partitoin] is not a section and is ignored Did you mean [Partition]?",
    "error 9:1 “x” is no assignment Write Setting=value.",
  ]);
  expect(told("[Partition]\nType=4f68bce3-e8cd-4db1-96e7-fbcaf984b709\nEncrypt=on\nX-A=b\n[X-Mine]\na=b\n")).toEqual(
    [],
  );
});

test.skipIf(!existsSync(join(cacheDirectory(), "tools")))("systemd-repart has every setting of ours", () => {
  const program = readFileSync(join(keptToolsTree(), "usr/bin/systemd-repart"));
  expect(Object.keys(PARTITION_SETTINGS).filter((name) => !program.includes(`${name}\0`))).toEqual([]);
});
