import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { toolboxState } from "../../../src/build/store/toolbox-state.ts";
import { makeProject } from "../../support/project.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

function tree(): string {
  return makeProject({
    "usr/bin": { tool: "" },
    "usr/share/zz": { d: "1" },
    "etc/ssl": { "a.pem": "" },
    "etc/other": { x: "" },
    "lib/plain": { x: "" },
  });
}

test.each([
  ["by find(1)", process.env.PATH],
  ["without it", "/nonexistent"],
])("of a tree that is named, all that programs see counts, %s", async (_, path) => {
  vi.stubEnv("PATH", path);
  const root = tree();
  const state = async () => await toolboxState({ kind: "tree", root, searchPaths: [] });
  let before = await state();
  expect(await state()).toBe(before);
  const changes = ["usr/share/zz/d", "usr/share/zz/new", "etc/ssl/a.pem", "lib/plain/x"];
  for (const name of changes) {
    writeFileSync(join(root, name), "2");
    const now = await state();
    expect(now, name).not.toBe(before);
    before = now;
  }
  chmodSync(join(root, "usr/bin/tool"), 0o755);
  expect(await state()).not.toBe(before);
  before = await state();
  // no program sees this
  writeFileSync(join(root, "etc/other/x"), "2");
  expect(await state()).toBe(before);
});

test("a tree of our own is known by its name", async () => {
  const state = (built: string) => toolboxState({ kind: "tree", root: "/nonexistent", searchPaths: [], built });
  expect(await state("a")).toBe(await state("a"));
  expect(await state("a")).not.toBe(await state("b"));
});

test("in search paths everything counts that builds do not make", async () => {
  const root = makeProject({ "bin/d/e": { data: "1" }, "bin/output": { image: "1" }, other: { tool: "1" } });
  symlinkSync("../other/tool", join(root, "bin/link"));
  symlinkSync("bin", join(root, "programs"));
  const without = (path: string) => path === join(root, "bin/output");
  const state = () => toolboxState({ kind: "host", searchPaths: [join(root, "programs")] }, without);
  let before = await state();
  writeFileSync(join(root, "bin/output/image"), "22");
  expect(await state()).toBe(before);
  for (const name of ["bin/d/e/data", "bin/d/e/new", "other/tool"]) {
    writeFileSync(join(root, name), "22");
    const now = await state();
    expect(now, name).not.toBe(before);
    before = now;
  }
});

test("search paths need not be there", async () => {
  const state = () => toolboxState({ kind: "host", searchPaths: ["/nonexistent/bin"] });
  expect(await state()).toBe(await state());
});
