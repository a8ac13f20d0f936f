// Three groups of tests: `unit` is pure and parallel, `e2e` builds real images, two files at once, `alone` one at a time: what
// is killed, fills disks, boots, or takes the machine's devices would disturb others, or they it.

import { defineConfig } from "vitest/config";

const real = {
  testTimeout: 20 * 60_000,
  hookTimeout: 20 * 60_000,
  pool: "forks" as const,
  globalSetup: "./test/support/tools-tree-setup.ts",
};

const ALONE = [
  "burn",
  "concurrent",
  "container",
  "container-managed",
  "crash",
  "debug",
  "debug-options",
  "full-disk",
  "graph",
  "host-safety",
  "killed-inside",
  "machine",
  "machine-tests",
  "partition-boots",
  "readme",
  "single-id",
  "ssh",
  "subvolumes",
].map((name) => `test/e2e/${name}.test.ts`);

export default defineConfig({
  test: {
    reporters: ["default", "./test/reporter.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/distros/**"],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/{e2e,distros}/**/*.test.ts"],
          exclude: ALONE,
          ...real,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { name: "alone", include: ALONE, ...real, fileParallelism: false, sequence: { groupOrder: 2 } } },
    ],
  },
});
