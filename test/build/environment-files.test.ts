import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseEnvironment, withEnvironmentFiles } from "../../src/build/scripts/environment-files.ts";
import { makeImage } from "../support/image.ts";
import { makeDirectory } from "../support/tree.ts";

test("names and values are read, comments are not", () => {
  expect(parseEnvironment("# a comment\nA=1\n\n  B = two words \nC=x=y\nnothing\n")).toEqual({
    A: "1",
    B: "two words",
    C: "x=y",
  });
});

test("later files win over earlier ones, and Environment= over all", () => {
  const directory = makeDirectory();
  const [first, second] = [join(directory, "1"), join(directory, "2")];
  writeFileSync(first, "A=1\nB=1\nC=1\n");
  writeFileSync(second, "B=2\nC=2\n");
  const image = withEnvironmentFiles(makeImage({ environmentFiles: [first, second], environment: { C: "3" } }));
  expect(image.config.environment).toEqual({ A: "1", B: "2", C: "3" });
  // by a sync script
  writeFileSync(second, "B=changed\n");
  expect(image.config.environment).toEqual({ A: "1", B: "changed", C: "3" });
});
