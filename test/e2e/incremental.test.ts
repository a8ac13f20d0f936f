// Incremental=: what is kept is used, whatever has changed is made again, and what comes out is what a build without it
// makes.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listing } from "../support/listing.ts";
import { type Finished, mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject, writeTree } from "../support/project.ts";

const CONF = `[Distribution]
Distribution=debian
Release=trixie

[Output]
Format=directory
SplitArtifacts=

[Content]
Packages=util-linux
Bootable=no
SourceDateEpoch=1700000000

[Build]
Incremental=yes
`;

/** Titles of the phases in which something was done; a phase whose layer is there takes no time. */
function fetched({ stdout, stderr }: Finished): boolean {
  return `${stdout}${stderr}`.includes("Fetching packages");
}

const unpacked = ({ stdout, stderr }: Finished) => /Kept: .*Packing/.test(`${stdout}${stderr}`);

test.skipIf(process.getuid?.() !== 0)("a second build takes what is there, and notices every change", async () => {
  const project = makeProject({
    "mkosi.conf": CONF,
    "mkosi.cache": {},
    "mkosi.extra": { etc: { one: "1\n" } },
    "mkosi.skeleton": { etc: { skeleton: "1\n" } },
  });
  const options = { cwd: project };
  const build = async (...args: string[]) => await mkosiOk(["-f", ...args], options);
  const sameAsClean = async (...args: string[]) => {
    const incremental = listing(join(project, "image"));
    await build("--incremental=no", ...args, "--output=clean");
    expect(incremental).toBe(listing(join(project, "clean")));
  };

  expect(fetched(await build())).toBe(true);
  await sameAsClean();
  const again = await build();
  expect([fetched(again), unpacked(again)]).toEqual([false, true]);

  // the output is made again when somebody has touched it, without any step being run
  writeFileSync(join(project, "image/etc/one"), "touched\n");
  const touched = await build();
  expect([fetched(touched), unpacked(touched)]).toEqual([false, false]);
  expect(readFileSync(join(project, "image/etc/one"), "utf8")).toBe("1\n");

  writeTree(project, { "mkosi.extra": { etc: { one: "2\n" } } });
  expect(fetched(await build())).toBe(false);
  await sameAsClean();

  // what packages are installed onto
  writeTree(project, { "mkosi.skeleton": { etc: { skeleton: "2\n" } } });
  expect(fetched(await build())).toBe(true);
  await sameAsClean();

  expect(fetched(await build("--with-docs=no"))).toBe(true);
  await sameAsClean("--with-docs=no");
  expect(fetched(await build("--package=less"))).toBe(true);
  await sameAsClean("--package=less");
  // back to what was built before: all of it is still there
  expect(fetched(await build())).toBe(false);
  await sameAsClean();

  expect(fetched(await build("-f"))).toBe(true);
});

test.skipIf(process.getuid?.() !== 0)("why names what has changed, cache lists and prunes, clean forgets", async () => {
  const project = makeProject({ "mkosi.conf": CONF, "mkosi.cache": {}, "mkosi.extra": { etc: { one: "1\n" } } });
  const call = async (...args: string[]) => (await mkosiOk(args, { cwd: project })).stdout.trim();
  const changes = async (...args: string[]) =>
    (await call(...args, "why")).split("\n").filter((line) => line.startsWith("    "));
  expect(await call("why")).toContain("Installing the base system runs: nothing is kept yet");

  await call("-f");
  expect((await call("why")).split("\n").every((line) => line.endsWith(" is kept"))).toBe(true);
  expect(await changes("--package=less")).toEqual(["    Packages=: + less (command line option --package)"]);
  expect(await changes("--root-password=secret")).toEqual([
    "    RootPassword=: has changed (command line option --root-password)",
  ]);
  mkdirSync(join(project, "mkosi.skeleton"));
  expect(await changes()).toEqual([`    SkeletonTrees=: ${project}/mkosi.skeleton (mkosi.skeleton)`]);
  rmSync(join(project, "mkosi.skeleton"), { recursive: true });
  expect(await changes("--hostname=other")).toEqual([
    "    Hostname=: was nothing, is other (command line option --hostname)",
  ]);
  writeTree(project, { "mkosi.extra": { etc: { one: "2\n" } } });
  expect(await changes()).toEqual([`    ExtraTrees=: ${project}/mkosi.extra/etc/one has another content`]);

  await call("-f");
  const layers = async () =>
    (JSON.parse(await call("--json", "cache")) as { layers: { step: string; outputs: unknown[] }[] }).layers;
  expect((await layers()).filter(({ step }) => step === "Copying extra trees")).toHaveLength(2);
  // those above it have the content of the old ones
  expect(await call("cache", "prune")).toContain("removed 2 layers");
  expect((await layers()).every(({ outputs }) => outputs.length === 1)).toBe(true);
  expect(await changes()).toEqual([]);
  await call("-f", "clean");
  expect(await layers()).toEqual([]);
});

test.skipIf(process.getuid?.() !== 0)("strict builds from what is kept, or not at all", async () => {
  const project = makeProject({
    "mkosi.conf": CONF.replace("Incremental=yes", "Incremental=strict"),
    "mkosi.cache": {},
  });
  const refused = await mkosi(["-f"], { cwd: project });
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain("mkosi.conf:15:");
  expect(refused.stderr).toContain("Incremental=strict does not allow");
  await mkosiOk(["-f", "--incremental=yes"], { cwd: project });
  rmSync(join(project, "image"), { recursive: true });
  expect(fetched(await mkosiOk(["-f"], { cwd: project }))).toBe(false);
});
