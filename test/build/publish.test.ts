import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createStaging } from "../../src/build/publish.ts";
import { makeDirectory } from "../support/tree.ts";

const outputs = () => makeDirectory();

test("artefacts replace those of the same name, files and directories, and leave the others", async () => {
  const directory = outputs();
  writeFileSync(join(directory, "image.raw"), "old");
  writeFileSync(join(directory, "other"), "other");
  mkdirSync(join(directory, "tree/deep"), { recursive: true });
  {
    await using staging = await createStaging(directory, () => []);
    writeFileSync(join(staging.path, "image.raw"), "new");
    mkdirSync(join(staging.path, "tree"));
    writeFileSync(join(staging.path, "tree/file"), "new");
    expect(readFileSync(join(directory, "image.raw"), "utf8")).toBe("old");
    await staging.publish(async () => {});
  }
  expect(readdirSync(directory).toSorted()).toEqual(["image.raw", "other", "tree"]);
  expect(readFileSync(join(directory, "image.raw"), "utf8")).toBe("new");
  expect(readdirSync(join(directory, "tree"))).toEqual(["file"]);
});

test("a failed build leaves nothing and changes nothing", async () => {
  const directory = outputs();
  writeFileSync(join(directory, "image.raw"), "old");
  const build = async () => {
    await using staging = await createStaging(directory, () => []);
    writeFileSync(join(staging.path, "image.raw"), "half");
    throw new Error("failed");
  };
  await expect(build()).rejects.toThrow("failed");
  expect(readdirSync(directory)).toEqual(["image.raw"]);
  expect(readFileSync(join(directory, "image.raw"), "utf8")).toBe("old");
});

test("what a killed build left is removed, what a running one uses is not", async () => {
  const directory = outputs();
  mkdirSync(join(directory, ".mkosi-staging-dead/outputs"), { recursive: true });
  await using running = await createStaging(directory, () => []);
  await using _next = await createStaging(directory, () => []);
  expect(existsSync(join(directory, ".mkosi-staging-dead"))).toBe(false);
  expect(existsSync(running.path)).toBe(true);
});

test("what earlier builds left under names of the image goes, unless it was made again", async () => {
  const directory = outputs();
  for (const name of ["image.raw", "image.raw.zst", "image.vmlinuz", "other"])
    writeFileSync(join(directory, name), "old");
  await using staging = await createStaging(directory, () => ["image.raw", "image.raw.zst", "image.vmlinuz"]);
  writeFileSync(join(staging.path, "image.raw.zst"), "new");
  await staging.publish(async () => {});
  expect(
    readdirSync(directory)
      .filter((name) => !name.startsWith("."))
      .toSorted(),
  ).toEqual(["image.raw.zst", "other"]);
});
