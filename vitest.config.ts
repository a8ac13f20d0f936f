// Two groups of tests: `unit` is pure and parallel, `e2e` builds and boots real images one file at a time.

import { defineConfig } from "vitest/config";

const real = { testTimeout: 20 * 60_000, hookTimeout: 20 * 60_000, fileParallelism: false, pool: "forks" as const };

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
      { test: { name: "e2e", include: ["test/{e2e,distros}/**/*.test.ts"], ...real, sequence: { groupOrder: 1 } } },
    ],
  },
});
