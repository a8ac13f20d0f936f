// The table of kinds of scripts, and the chapter of the manual that tells users of it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scriptEnvironment } from "../../src/build/scripts/environment.ts";
import { isInside, type PlaceName, SCRIPTS, type ScriptKind } from "../../src/build/scripts/kinds.ts";
import { makeImage } from "../support/image.ts";

const CHAPTER = readFileSync(join(import.meta.dirname, "../../docs/manual/scripts.md"), "utf8");
const KINDS = Object.keys(SCRIPTS) as ScriptKind[];

/** Rows `| NAME | kinds |` of the chapter's table. */
function documented(): Record<string, readonly string[]> {
  const rows = [...CHAPTER.matchAll(/^\| `([A-Z_]+)` \| (.*) \|$/gm)];
  return Object.fromEntries(
    rows.map(([, name = "", text = ""]) => {
      if (text === "all") return [name, KINDS];
      const but = text.startsWith("all but ") ? text.slice(8).split(", ") : undefined;
      return [name, but === undefined ? text.split(", ") : KINDS.filter((kind) => !but.includes(kind))];
    }),
  );
}

test("the manual's table says which scripts have which variables", () => {
  const image = makeImage({ imageId: "id", imageVersion: "1", sourceDateEpoch: 1, profiles: ["p"] });
  const has = (kind: ScriptKind, name: string) => {
    const places = SCRIPTS[kind].places as PlaceName[];
    return name in scriptEnvironment(kind, "script", image, { debug: false, places });
  };
  const table = documented();
  expect(Object.keys(table).length).toBeGreaterThan(25);
  for (const [name, kinds] of Object.entries(table)) {
    expect([name, KINDS.filter((kind) => has(kind, name))]).toEqual([
      name,
      KINDS.filter((kind) => kinds.includes(kind)),
    ]);
  }
});

test("the configuration's variables win, but for those that say where one is", () => {
  const image = makeImage({ environment: { RELEASE: "mine", PATH: "/mine", SUBIMAGE: "" } });
  expect(scriptEnvironment("build", "a", image, { debug: true })).toMatchObject({ RELEASE: "mine", MKOSI_DEBUG: "1" });
  expect(scriptEnvironment("build", "a.chroot", image, { debug: true })["PATH"]).toBe("/usr/bin:/usr/sbin");
});

test("only kinds that work on the image run inside of it", () => {
  const inside = KINDS.filter((kind) => isInside(kind, "script.chroot"));
  expect(inside).toEqual(["prepare", "build", "postinst", "finalize"]);
  expect(isInside("build", "script")).toBe(false);
});
