// Two builds have one package cache: what one of them removes, the other may be about to use.

import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { removeOldest, restoreBase } from "../../../src/package-managers/apt/base-cache.ts";
import { aptCache } from "../../../src/package-managers/apt/layout.ts";
import { CommandFailure } from "../../../src/sandbox/spawn.ts";
import { makeProject } from "../../support/project.ts";
import { makeRecorder } from "../../support/recorder.ts";
import { makeContext, type TestContext } from "../context.ts";

const PLACE = "base/key.tar";
const AN_HOUR_AGO = new Date(Date.now() - 3_600_000);

/** A cache with one base, and what happens while tar runs. */
function base(whileTarRuns: (path: string) => void): { context: TestContext; path: string } {
  const recorder = makeRecorder();
  const packageCache = makeProject();
  const probe = makeContext({}, { packageCache });
  const path = join(aptCache(probe).directory, PLACE);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "");
  utimesSync(path, AN_HOUR_AGO, AN_HOUR_AGO);
  const runner = {
    ...recorder,
    run: async () => {
      whileTarRuns(path);
      return { stdout: "" };
    },
  };
  return { context: makeContext({}, { packageCache, runner }), path };
}

test("a base counts as used before it is unpacked", async () => {
  const { context, path } = base((file) => {
    expect(statSync(file).mtimeMs).toBeGreaterThan(AN_HOUR_AGO.getTime());
  });
  expect(await restoreBase(context, "/nonexistent/root", PLACE)).toBe(true);
  expect(existsSync(path)).toBe(true);
});

test("a base that another build removes while it is unpacked has been unpacked", async () => {
  const { context } = base((path) => rmSync(path));
  expect(await restoreBase(context, "/nonexistent/root", PLACE)).toBe(true);
  expect(await restoreBase(context, "/nonexistent/root", PLACE)).toBe(false);
});

test("a base that has gone before tar opens it is made anew; one that is damaged is an error", async () => {
  const fail = () => {
    throw new CommandFailure(["tar"], 2, `tar: ${PLACE}: Cannot open: No such file or directory\n`);
  };
  const gone = base((path) => {
    rmSync(path);
    fail();
  });
  expect(await restoreBase(gone.context, "/nonexistent/root", PLACE)).toBe(false);
  await expect(restoreBase(base(fail).context, "/nonexistent/root", PLACE)).rejects.toThrow(CommandFailure);
});

test("those used in the last minutes stay, however many there are", async () => {
  const directory = makeProject(
    Object.fromEntries(["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => [`${name}.tar`, ""])),
  );
  for (const name of ["a", "b", "c"]) utimesSync(join(directory, `${name}.tar`), AN_HOUR_AGO, AN_HOUR_AGO);
  await removeOldest(directory);
  expect(readdirSync(directory).toSorted()).toEqual(["d", "e", "f", "g", "h"].map((name) => `${name}.tar`));
});
