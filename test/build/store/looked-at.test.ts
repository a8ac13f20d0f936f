import { expect, test } from "vitest";
import { isIndependent } from "../../../src/build/store/looked-at.ts";
import { makeProject } from "../../support/project.ts";

test("a step is independent of paths that it neither looks at nor has written", () => {
  const layer = makeProject({ etc: { passwd: "" }, opt: "a file" });
  const independent = (...paths: string[]) => isIndependent(layer, ["etc/shadow", "usr/lib/systemd"], paths);
  expect(independent()).toBe(true);
  expect(independent("usr/bin/greet", "etc/other", "usr/lib/y")).toBe(true);
  // what it looks at, what that is in, and what is in that
  expect(independent("usr/bin/greet", "etc/shadow")).toBe(false);
  expect(independent("usr/lib/systemd/system/a.service")).toBe(false);
  expect(independent("usr/lib")).toBe(false);
  // what it has written, or written in its place
  expect(independent("etc/passwd")).toBe(false);
  expect(independent("opt/program")).toBe(false);
});
