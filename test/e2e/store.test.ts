// What the store knows of its layers: `why` names files, extended attributes count, and a power cut takes what had not
// reached the disk.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { incrementalConf } from "../support/incremental.ts";
import { listing } from "../support/listing.ts";
import { mkosiOk } from "../support/mkosi.ts";
import { makeProject, writeTree } from "../support/project.ts";
import { keptToolsTree } from "../support/tools-tree.ts";
import { makeDirectory } from "../support/tree.ts";

const CONF = incrementalConf({ content: "Packages=bash\n" });

const asRoot = test.skipIf(process.getuid?.() !== 0);

function project() {
  const directory = makeProject({
    "mkosi.conf": CONF,
    "mkosi.cache": {},
    "mkosi.extra": { etc: { one: "1\n", two: "2\n" } },
  });
  const options = { cwd: directory };
  return {
    directory,
    build: (...args: string[]) => mkosiOk(["-f", ...args], options),
    why: async () => (await mkosiOk(["why"], options)).stdout,
  };
}

asRoot("why names the files that are others now, and extended attributes count", async () => {
  const { directory, build, why } = project();
  await build();
  expect(await why()).not.toContain("runs");
  execFileSync("setfattr", ["-n", "user.colour", "-v", "blue", join(directory, "mkosi.extra/etc/one")]);
  rmSync(join(directory, "mkosi.extra/etc/two"));
  writeTree(directory, { "mkosi.extra": { etc: { three: "3\n" } } });
  const text = await why();
  expect(text).toContain("• main  Copying extra trees runs again:\n");
  for (const change of ["etc/one has another set of attributes", "etc/two is gone", "etc/three is new"])
    expect(text).toContain(`    ExtraTrees=: ${directory}/mkosi.extra/${change}\n`);
  await build();
  expect(listing(join(directory, "image"))).toContain('user.colour="blue"');
  expect(await why()).not.toContain("runs");
});

asRoot("a directory that is packed again shares what is the same with the one it replaces", async () => {
  const { directory, build } = project();
  await build();
  const inode = (path: string) => statSync(join(directory, "image", path)).ino;
  const before = [inode("usr/bin/bash"), inode("etc/one")];
  writeTree(directory, { "mkosi.extra": { etc: { one: "another\n", new: { file: "1\n" } } } });
  rmSync(join(directory, "mkosi.extra/etc/two"));
  await build();
  expect(inode("usr/bin/bash")).toBe(before[0]);
  expect(inode("etc/one")).not.toBe(before[1]);
  expect(statSync(join(directory, "image/usr/bin/bash")).nlink).toBe(1);
  const incremental = listing(join(directory, "image"));
  await build("--incremental=no", "--output=clean");
  expect(incremental).toBe(listing(join(directory, "clean")));
  // one that somebody has changed is not taken
  writeFileSync(join(directory, "image/usr/bin/bash"), "");
  writeTree(directory, { "mkosi.extra": { etc: { one: "a third\n" } } });
  await build();
  expect(statSync(join(directory, "image/usr/bin/bash")).size).toBeGreaterThan(1_000_000);
});

asRoot(
  "what cannot be had by links is copied: times, attributes of directories, files with several names",
  async () => {
    const { directory, build } = project();
    const extra = join(directory, "mkosi.extra/etc");
    const image = join(directory, "image");
    const areOne = () => statSync(join(image, "etc/h1")).ino === statSync(join(image, "etc/h2")).ino;
    execFileSync("sh", ["-c", "mkdir new && setfattr -n user.colour -v blue new && echo x >h1 && cp h1 h2"], {
      cwd: extra,
    });
    await build();
    expect(areOne()).toBe(false);
    execFileSync("sh", ["-c", "setfattr -x user.colour new && ln -f h1 h2"], { cwd: extra });
    await build();
    expect(listing(image)).not.toContain("user.colour");
    expect(areOne()).toBe(true);
    const epoch = ["--source-date-epoch=1700000000"];
    await build(...epoch);
    writeTree(directory, { "mkosi.extra": { etc: { one: "4\n" } } });
    await build(...epoch);
    expect(
      execFileSync("find", [".", "-mindepth", "1", "-newermt", "@1700000000"], { cwd: image, encoding: "utf8" }),
    ).toBe("");
  },
);

asRoot("a record of another shape is as good as none, and so is a name that is not UTF-8 in the image", async () => {
  const { directory, build } = project();
  writeFileSync(Buffer.concat([Buffer.from(join(directory, "mkosi.extra/")), Buffer.from([0xff])]), "1\n");
  await build();
  for (const text of ["null", "{}", "[]"])
    for (const place of ["outputs", "layers"]) {
      const below = join(directory, "mkosi.cache", place);
      for (const name of readdirSync(below).filter((each) => !each.startsWith(".")))
        writeFileSync(join(below, ...(place === "layers" ? [name, "layer.json"] : [name])), text);
      await build();
    }
  expect(readdirSync(join(directory, "image"), "latin1")).toContain("\xff");
});

asRoot("after a power cut, layers that had not reached the disk are made again", async () => {
  const { directory, build } = project();
  await build();
  const before = listing(join(directory, "image"));
  const layers = join(directory, "mkosi.cache/layers");
  const keys = readdirSync(layers);
  expect(keys.length).toBeGreaterThan(3);
  for (const key of keys) {
    // As if the machine had been started anew meanwhile, and the contents of files were lost.
    const about = join(layers, key, "layer.json");
    writeFileSync(about, JSON.stringify({ ...JSON.parse(readFileSync(about, "utf8")), boot: "another" }));
    rmSync(join(layers, key, "synced"), { force: true });
    for (const name of ["etc", "usr"]) rmSync(join(layers, key, "upper", name), { recursive: true, force: true });
  }
  const { stdout, stderr } = await build();
  expect(`${stdout}${stderr}`).toContain("Fetching packages");
  expect(listing(join(directory, "image"))).toBe(before);
  const again = await build();
  expect(`${again.stdout}${again.stderr}`).not.toContain("Fetching packages");
});

asRoot("clean -f removes all layers that the project has made, and leaves those that others need", async () => {
  const store = makeDirectory();
  const [one, other] = [project(), project()];
  const count = () => readdirSync(join(store, "layers")).length;
  const cache = `--cache-directory=${store}`;
  await one.build(cache, "--hostname=first");
  await other.build(cache);
  const others = count();
  await one.build(cache, "--hostname=second");
  await one.build(cache, "--package=less");
  expect(count()).toBeGreaterThan(others + 3);
  const { stdout } = await mkosiOk(["-f", cache, "clean"], { cwd: one.directory });
  // The tree that this machine needs was not asked for by the project.
  if (existsSync(keptToolsTree())) expect(stdout).toMatch(/^Keeping \/.*\/tools\/.*--tools-tree=default -f clean/m);
  await other.build(cache);
  expect((await mkosiOk([cache, "why"], { cwd: other.directory })).stdout).not.toContain("•");
  await mkosiOk(["-f", cache, "clean"], { cwd: other.directory });
  expect(readdirSync(join(store, "layers"))).toEqual([]);
});

asRoot("layers that were not used for the longest time go beyond CacheSize=, those of the build stay", async () => {
  const { directory, build } = project();
  const layers = async () => {
    const { stdout } = await mkosiOk(["--json", "cache"], { cwd: directory });
    return (JSON.parse(stdout) as { layers: readonly { key: string; step: string }[] }).layers;
  };
  await build("--package=less");
  const first = await layers();
  await build("--cache-size=1M");
  const second = await layers();
  const kept = first.filter(({ key }) => second.some((layer) => layer.key === key)).map(({ step }) => step);
  expect(kept).toEqual(["Installing the base system"]);
  expect(second.map(({ step }) => step)).toContain("Copying extra trees");
});
