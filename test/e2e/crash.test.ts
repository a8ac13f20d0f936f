// Builds that are killed or interrupted at any moment: the next one succeeds and makes what a clean one makes, and nothing
// is left of them.

import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { takeSnapshot } from "../support/cleanliness.ts";
import { incrementalConf } from "../support/incremental.ts";
import { type Ending, mkosiEnded, STATUSES } from "../support/kill.ts";
import { listing } from "../support/listing.ts";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject, type Tree, writeTree } from "../support/project.ts";
import { choose, seededRandom, testSeed } from "../support/random.ts";
import { runs } from "../support/runs.ts";
import { unfinished } from "../support/store.ts";

const PROJECT: Tree = {
  "mkosi.conf": incrementalConf(),
  "mkosi.cache": {},
  "mkosi.builddir": {},
  "mkosi.build": `#!/bin/sh -e
cat what >"$BUILDDIR/object"
mkdir -p "$DESTDIR/usr/lib"
cp "$BUILDDIR/object" "$DESTDIR/usr/lib/built"
`,
  "mkosi.postinst": `#!/bin/sh -e
mkosi-chroot chown 12:34 /etc/of-a-user
mkosi-chroot chmod 4750 /etc/of-a-user
`,
  "mkosi.extra": { etc: { "of-a-user": "x\n" } },
};

/** What the project can be, by what changes. */
const VARIANTS = { one: { packages: "", what: "1" }, two: { packages: "Packages=less", what: "2" } } as const;
type Variant = keyof typeof VARIANTS;
const NAMES = Object.keys(VARIANTS) as Variant[];

function setVariant(cwd: string, variant: Variant): void {
  const { packages, what } = VARIANTS[variant];
  writeTree(cwd, { "mkosi.conf.d/variant.conf": `[Content]\n${packages}\n`, what, "mkosi.extra/etc/variant": what });
}

/** What a build has to do: how the project is left for it, and its options. */
const SITUATIONS = {
  "nothing is kept": (cwd: string) => {
    rmSync(join(cwd, "mkosi.cache"), { recursive: true, force: true });
    writeTree(cwd, { "mkosi.cache": {} });
    return ["-f"];
  },
  "everything is made afresh": () => ["-ff"],
  "the output is gone": (cwd: string) => {
    rmSync(join(cwd, "image"), { recursive: true, force: true });
    return [];
  },
  "the output was touched": (cwd: string) => {
    writeFileSync(join(cwd, "image/etc/of-a-user"), "touched\n");
    return ["-f"];
  },
} as const;

const WAYS = Object.keys(STATUSES) as Ending[];

test.skipIf(process.getuid?.() !== 0)(
  "a build that is killed or interrupted at any moment leaves nothing, and harms none that follow",
  { timeout: 3_600_000 },
  async () => {
    const seed = testSeed();
    const random = seededRandom(seed);
    const cwd = makeProject(PROJECT);
    const image = () => (existsSync(join(cwd, "image")) ? listing(join(cwd, "image")) : undefined);
    const clean = {} as Record<Variant, string | undefined>;
    for (const variant of NAMES) {
      setVariant(cwd, variant);
      await mkosiOk(["-f", "--incremental=no"], { cwd });
      clean[variant] = image();
    }
    const { elapsed } = await mkosiOk(["-f"], { cwd });
    const before = takeSnapshot([cwd], ["image", "mkosi.conf.d", "what"]);

    const count = runs(4);
    for (let index = 0; index < count; index++) {
      const variant = choose(random, NAMES);
      const situation = choose(random, Object.keys(SITUATIONS) as (keyof typeof SITUATIONS)[]);
      const how = WAYS[index % WAYS.length] as Ending;
      // Each in another part of the time that a build takes.
      const after = ((index + random()) / count) * elapsed;
      const about = `MKOSI_TEST_SEED=${seed}, build ${index}: ${variant}, ${situation}, ${how} after ${after.toFixed(3)} s`;
      setVariant(cwd, variant);
      const args = SITUATIONS[situation](cwd);
      const possible = [image(), clean[variant]];
      const { status, stderr } = await mkosiEnded(args, { cwd }, { how, after });

      const left = await before.leftovers(10);
      // It may have been faster.
      expect([0, STATUSES[how]], `${about}\n${stderr}`).toContain(status);
      if (how === "SIGINT" || how === "SIGTERM") {
        expect([...left, ...unfinished(join(cwd, "mkosi.cache"))], about).toEqual([]);
        expect(possible.includes(image()), about).toBe(true);
      } else {
        // Files may be there until the next build.
        const others = left.filter((entry) => !entry.startsWith("file "));
        expect(others, about).toEqual([]);
      }

      const next = await mkosi(["-f"], { cwd });
      expect(next.status, `${about}\n${next.stderr}`).toBe(0);
      expect([...(await before.leftovers(10)), ...unfinished(join(cwd, "mkosi.cache"))], about).toEqual([]);
      expect(image(), `${about}\n${stderr}`).toBe(clean[variant]);
    }
  },
);
