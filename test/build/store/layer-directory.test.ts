import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLayerDirectory } from "../../../src/build/store/layer-directory.ts";
import { makeDirectory } from "../../support/tree.ts";

async function withDirectory(usedElsewhere: readonly string[] = []) {
  const path = join(makeDirectory(), "layers");
  const open = () => openLayerDirectory(path, async () => usedElsewhere);
  const make = async (key: string, text: string, below?: string) => {
    await using directory = await open();
    await using place = await directory.create();
    const made = join(place.path, "layer");
    for (const name of ["upper", "notes"]) mkdirSync(join(made, name), { recursive: true });
    writeFileSync(join(made, "upper/file"), text);
    return await directory.keep(made, key, { step: "A step", image: "main", project: "/project", below }, 0);
  };
  return { path, open, make };
}

test("of two builds that make the same layer, the second takes the first one's", async () => {
  const { path, make } = await withDirectory();
  expect(await make("a", "1")).toEqual({ key: "a", path: join(path, "a/upper"), notes: join(path, "a/notes") });
  expect((await make("a", "2")).key).toBe("a");
  expect(readdirSync(path)).toEqual(["a"]);
});

test("half a layer of an earlier boot is no layer, and in nobody's way", async () => {
  const { path, open, make } = await withDirectory();
  mkdirSync(join(path, "a/upper"), { recursive: true });
  writeFileSync(join(path, "a/layer.json"), JSON.stringify({ step: "A step", image: "main", boot: "another" }));
  {
    await using directory = await open();
    expect(directory.at("a")).toBeUndefined();
  }
  const { key } = await make("a", "1");
  expect(key).not.toBe("a");
  expect(existsSync(join(path, key, "upper/file"))).toBe(true);
  writeFileSync(join(path, "a/synced"), "");
  await using directory = await open();
  expect(directory.at("a")?.key).toBe("a");
});

test("a layer is missed when what lies on it, or was made from it, is still there", async () => {
  const { path, open, make } = await withDirectory(["c", "d"]);
  await make("a", "1");
  await make("b", "1", "a");
  await make("c", "1");
  rmSync(join(path, "a"), { recursive: true });
  await using directory = await open();
  const missed = await Promise.all(["a", "b", "c", "d", "e"].map((key) => directory.isMissed(key)));
  expect(missed).toEqual([true, false, false, true, false]);
});
