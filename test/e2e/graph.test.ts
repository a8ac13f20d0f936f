// Images side by side: as many as --jobs allows and Dependencies= let, and one that fails stops the others.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { takeSnapshot } from "../support/cleanliness.ts";
import { type Finished, mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject, type Tree } from "../support/project.ts";

/** Notes when it begins and ends, in milliseconds. */
const SCRIPT = `#!/bin/bash -e
note() { echo "\${SUBIMAGE:-main} $1 $(date +%s%3N)" >>times; }
note begin
sleep "$(cat seconds)"
[ "$SUBIMAGE" != "$(cat failing)" ] || { echo "nobody likes $SUBIMAGE" >&2; exit 7; }
sleep "$(cat "$SUBIMAGE.more" 2>/dev/null || echo 0)"
note end
`;

/** Images that only run a build script: d after a and b, c whenever it likes, main after all. */
function project(files: Tree): string {
  const image = (dependencies: string) =>
    `[Config]\nDependencies=${dependencies}\n[Output]\nFormat=none\n[Content]\nBootable=no\nBuildScripts=%D/build\n`;
  return makeProject({
    "mkosi.conf": `[Distribution]\nDistribution=debian\nRelease=trixie\n${image("d,c")}`,
    "mkosi.images": { "a.conf": image(""), "b.conf": image(""), "c.conf": image(""), "d.conf": image("a,b") },
    build: SCRIPT,
    failing: "none",
    seconds: "0.5",
    ...files,
  });
}

interface Run {
  readonly image: string;
  readonly begin: number;
  readonly end: number;
}

function runsIn(cwd: string): Run[] {
  const lines = readFileSync(join(cwd, "times"), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  writeFileSync(join(cwd, "times"), "");
  return lines
    .filter(([, what]) => what === "begin")
    .map(([image = "", , begin]) => {
      const end = lines.find(([name, what]) => name === image && what === "end")?.[2];
      return { image, begin: Number(begin), end: Number(end ?? Number.NaN) };
    });
}

/** The most that ran at the same time. */
function most(runs: readonly Run[]): number {
  return Math.max(...runs.map(({ begin }) => runs.filter((run) => run.begin <= begin && begin < run.end).length));
}

/** Every line is whole and belongs to one image, or to the message at the end. */
function expectReadable({ stdout, stderr }: Finished): void {
  expect(stdout).toBe("");
  expect(stderr).not.toContain("\u001b");
  const lines = stderr.trimEnd().split("\n");
  const end = lines.findIndex((line) => /^(error:|Done in )/.test(line));
  expect(end).toBeGreaterThan(0);
  for (const line of lines.slice(0, end))
    expect(line).toMatch(/^(Using the default tools tree|[ ✓✗-] (a|b|c|d|main|tools) +[A-Z].*|= \w+ +\/.*)/);
}

const asRoot = test.skipIf(process.getuid?.() !== 0);

asRoot("as many images are built at once as --jobs allows, and none before those it depends on", async () => {
  const cwd = project({});
  for (const jobs of [1, 2]) {
    const finished = await mkosiOk(["-f", `--jobs=${jobs}`], { cwd });
    const runs = runsIn(cwd);
    expect(runs.map(({ image }) => image).toSorted()).toEqual(["a", "b", "c", "d", "main"]);
    expect(most(runs)).toBe(jobs);
    const of = (name: string) => runs.find(({ image }) => image === name) as Run;
    for (const [later, earlier] of [
      ["d", "a"],
      ["d", "b"],
      ["main", "c"],
      ["main", "d"],
    ] as const)
      expect(of(later).begin).toBeGreaterThanOrEqual(of(earlier).end);
    expectReadable(finished);
  }
});

asRoot("an image that fails stops the others, and is the one that is told of", async () => {
  const cwd = project({ failing: "c", "a.more": "60", "b.more": "60" });
  const before = takeSnapshot([cwd], ["times"]);
  const finished = await mkosi(["-f", "--jobs=4"], { cwd });
  const { status, stderr, elapsed } = finished;
  expect(status).toBe(1);
  expect(elapsed).toBeLessThan(50);
  expectReadable(finished);
  expect(stderr.match(/^error:.*/gm)).toEqual([
    `error: the build script ${cwd}/build, run for the image c, ended with status 7`,
  ]);
  expect(stderr).toContain("mkosi.images/c.conf:7:");
  expect(stderr).toContain("| nobody likes c\n");
  expect(stderr).toMatch(/^✗ c +Running build scripts \(failed\)/m);
  for (const other of ["a", "b"])
    expect(stderr).toMatch(new RegExp(`^- ${other} +Running build scripts \\(cancelled\\)`, "m"));
  // d and main have not been begun.
  expect(
    runsIn(cwd)
      .map(({ image }) => image)
      .toSorted(),
  ).toEqual(["a", "b", "c"]);
  expect(await before.leftovers()).toEqual([]);
  expect(readdirSync(cwd)).not.toContain("image");
});
