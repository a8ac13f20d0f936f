// A full disk under CacheDirectory=: the message names it and says what to do, nothing half is kept, and with more room
// the build goes on.

import { execFileSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { takeSnapshot } from "../support/cleanliness.ts";
import { incrementalConf } from "../support/incremental.ts";
import { listing } from "../support/listing.ts";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";
import { seededRandom, testSeed } from "../support/random.ts";
import { runs } from "../support/runs.ts";
import { unfinished } from "../support/store.ts";

const ROOM = "size=1G,nr_inodes=100000";

/** Mounts a file system that is gone after the test. @returns mounts it anew, empty, or with other limits */
function limitedPlace(path: string) {
  execFileSync("mount", ["-t", "tmpfs", "-o", ROOM, "tmpfs", path]);
  onTestFinished(() => void execFileSync("umount", [path]));
  return {
    /** @param limits options of tmpfs(5) */
    empty(limits: string) {
      execFileSync("umount", [path]);
      execFileSync("mount", ["-t", "tmpfs", "-o", limits, "tmpfs", path]);
    },
    limit: (limits: string) => void execFileSync("mount", ["-o", `remount,${limits}`, path]),
    files() {
      const { files, ffree } = statfsSync(path);
      return files - ffree;
    },
  };
}

test.skipIf(process.getuid?.() !== 0)(
  "a build that fills the cache directory says so, and goes on when it has room",
  async () => {
    const seed = testSeed();
    const random = seededRandom(seed);
    const cwd = makeProject({
      "mkosi.conf": incrementalConf({ build: "CacheDirectory=kept\n" }),
      "mkosi.extra": { etc: { one: "1\n" } },
      kept: {},
    });
    const store = join(cwd, "kept");
    const place = limitedPlace(store);
    await mkosiOk([], { cwd });
    const clean = listing(join(cwd, "image"));
    const files = place.files();
    const before = takeSnapshot([cwd], ["image"]);

    const limits = [
      "size=30M",
      // The last files that a build writes are records, the ones before those of small layers.
      `size=1G,nr_inodes=${files - 3}`,
      ...Array.from({ length: runs(1) }, () => `size=1G,nr_inodes=${files - 3 - Math.floor(random() * 60)}`),
    ];
    for (const limit of limits) {
      const about = `MKOSI_TEST_SEED=${seed}, ${limit}`;
      place.empty(limit);
      const { status, stderr } = await mkosi(["-f"], { cwd });
      expect(status, about).toBe(1);
      expect(stderr, about).toContain(`error: the file system of ${store} (CacheDirectory=) is full: `);
      expect(stderr, about).toContain("at: mkosi.conf:14:");
      expect(stderr, about).toMatch(/help: make room there .*, or set CacheDirectory=/);
      expect(unfinished(store), about).toEqual([]);
      expect(await before.leftovers(), about).toEqual([]);
      place.limit(ROOM);
      await mkosiOk(["-f"], { cwd });
      expect(listing(join(cwd, "image")), about).toBe(clean);
      expect(unfinished(store), about).toEqual([]);
    }

    // On a small file system, too, a build does not remove the layers that it has made itself.
    place.limit("size=250M");
    await mkosiOk(["-f"], { cwd });
    const again = await mkosiOk(["-f"], { cwd });
    expect(again.stderr).toMatch(/Kept: .*Packing/);
    expect((await mkosiOk(["why"], { cwd })).stdout).not.toContain("runs");
  },
);
