import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isExecutable } from "../../src/formats/executable.ts";
import { makeDirectory } from "../support/tree.ts";

test("programs are executable, also through links; texts, directories and nothing are not", () => {
  const directory = makeDirectory();
  const path = (name: string) => join(directory, name);
  writeFileSync(path("program"), "#!/bin/sh\n");
  chmodSync(path("program"), 0o755);
  writeFileSync(path("text"), "");
  symlinkSync("program", path("link"));
  expect(["program", "link", "text", "missing", "."].filter((name) => isExecutable(path(name)))).toEqual([
    "program",
    "link",
  ]);
});
