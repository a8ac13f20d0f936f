// Builds at the same time that share a cache directory, and others that make room in it meanwhile.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { takeSnapshot } from "../support/cleanliness.ts";
import { incrementalConf } from "../support/incremental.ts";
import { listing } from "../support/listing.ts";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { privateCache } from "../support/private-cache.ts";
import { makeProject, type Tree } from "../support/project.ts";
import { unfinished } from "../support/store.ts";

/** A project whose layers are in a directory that others have, too. */
function project(store: string, packages: string, more: Tree = {}): string {
  return makeProject({
    "mkosi.conf": incrementalConf({ content: `Packages=${packages}\n`, build: `CacheDirectory=${store}\n` }),
    "mkosi.extra": { etc: { one: "1\n" } },
    ...more,
  });
}

const asRoot = test.skipIf(process.getuid?.() !== 0);
const image = (cwd: string) => listing(join(cwd, "image"));
/** Waits a little, so that others can come in between. */
const pause = () => new Promise((done) => setTimeout(done, 50));

asRoot("the same and other projects share a store at the same time", async () => {
  const store = makeProject();
  const [one, same, other] = [project(store, "less"), project(store, "less"), project(store, "less file")];
  const clean: Record<string, string> = {};
  for (const cwd of [one, other]) {
    await mkosiOk(["--incremental=no"], { cwd });
    clean[cwd] = image(cwd);
  }
  const before = takeSnapshot([one, same, other], ["image"]);
  for (const [index, args] of [["-f"], ["-f"], ["-f"], ["-ff"]].entries()) {
    const finished = await Promise.all([one, same, other].map((cwd) => mkosi(args, { cwd })));
    expect(finished.map(({ status, stderr }) => (status === 0 ? 0 : stderr))).toEqual([0, 0, 0]);
    expect([image(one), image(same), image(other)]).toEqual([clean[one], clean[one], clean[other]]);
    expect(unfinished(store)).toEqual([]);
    expect(await before.leftovers()).toEqual([]);
    // Each may have made the same base for itself at first; from the second time on all build on one of them.
    if (index === 2) for (const { stderr } of finished) expect(stderr).not.toContain("Fetching packages");
  }
});

asRoot("builds go on while others remove what is not used", { timeout: 600_000 }, async () => {
  const store = makeProject();
  const [building, cleaning] = [project(store, "less"), project(store, "less")];
  await mkosiOk(["--incremental=no"], { cwd: building });
  const clean = image(building);
  const { path, env } = privateCache();
  const options = { cwd: cleaning, env };
  await mkosiOk(["-f"], options);

  const build = async () => {
    for (const args of [["-f"], ["-ff"]]) await mkosiOk(args, { cwd: building, env });
  };
  const state = { isDone: false };
  const builds = build().finally(() => {
    state.isDone = true;
  });
  const refusals: string[] = [];
  while (!state.isDone) {
    for (const args of [
      ["cache", "prune"],
      ["-ff", "clean"],
    ]) {
      const { status, stderr } = await mkosi(args, options);
      if (status !== 0) refusals.push(stderr);
      // Only between the builds is nobody there.
      expect([0, 1], stderr).toContain(status);
      await pause();
    }
  }
  await builds;
  expect(image(building)).toBe(clean);
  expect(unfinished(store)).toEqual([]);
  expect(refusals.length).toBeGreaterThan(3);
  for (const text of refusals)
    expect(text).toMatch(/^error: (another mkosi uses|the layers in) .*\n +help: wait until it is done/);
  expect(
    refusals.some((text) => text.includes(`another mkosi uses ${store}, `) && text.includes(join(path, "apt"))),
  ).toBe(true);

  // Nobody is left: all of it goes.
  await mkosiOk(["-ff", "clean"], { cwd: building, env });
  for (const args of [
    ["-ff", "clean"],
    ["cache", "prune"],
  ])
    await mkosiOk(args, options);
  expect(existsSync(join(path, "apt"))).toBe(false);
  expect(readdirSync(join(store, "layers"))).toEqual([]);
});
