// `npm ci` refuses a lock file that leaves out optional platform packages, which some registries make npm do.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Lock {
  readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
}

test("package-lock.json names every optional dependency (else run node scripts/complete-lock.mjs)", () => {
  const lock = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8")) as Lock;
  const names = Object.values(lock.packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
  expect(names.filter((name) => lock.packages[`node_modules/${name}`] === undefined)).toEqual([]);
});
