// The table as a whole: complete against the facts about the original (settings.tsv), without contradictions.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Config, rows, settings } from "../../src/settings/index.ts";

const [, ...lines] = readFileSync(join(import.meta.dirname, "settings.tsv"), "utf8")
  .trimEnd()
  .split("\n");

test("191 settings, and our own", () => {
  expect(rows.filter(([, row]) => row.own !== true)).toHaveLength(191);
  expect(lines).toHaveLength(191);
});

test("names, options, letters and specifiers are unique", () => {
  const unique = (values: readonly string[]): void => expect(values.length - new Set(values).size).toBe(0);
  unique(rows.flatMap(([, row]) => [row.name, ...(row.oldNames ?? [])]));
  unique(rows.flatMap(([, row]) => [row.option, ...(row.oldOptions ?? [])]));
  unique(rows.flatMap(([, row]) => row.short ?? []));
  unique(rows.flatMap(([, row]) => row.specifier ?? []));
});

test("every setting has a sentence of help", () => {
  for (const [key, row] of rows) expect(row.help, key).toMatch(/^[A-Z].*\.$/);
});

test("settings that are written into others have the same shape", () => {
  for (const [, row] of rows) {
    if (row.into === undefined) continue;
    expect(settings[row.into as keyof Config].type.shape).toBe(row.type.shape);
  }
});

test.for(lines.map((line) => line.split("\t")))(
  "%s %s",
  ([section, name, option, short, scope, specifier, matchable, oldNames, oldOptions]) => {
    const row = rows.map(([, each]) => each).find((each) => each.name === name);
    expect(row).toMatchObject({ section, option: option?.slice(2), scope });
    expect(row?.short ?? "").toBe((short ?? "").slice(1));
    expect(row?.match === undefined).toBe(matchable === "-");
    expect(row?.specifier ?? "-").toBe(specifier === "-" ? "-" : specifier?.slice(1));
    expect(row?.oldNames ?? []).toEqual(oldNames === "-" ? [] : oldNames?.split(", "));
    expect(row?.oldOptions ?? []).toEqual(
      oldOptions === "-" ? [] : oldOptions?.split(", ").map((each) => each.slice(2)),
    );
  },
);

test("values have the types that the rest of the program expects", () => {
  const config = {} as Config;
  // compiled, never run
  const check = (): readonly unknown[] => [
    config.packages satisfies readonly string[],
    config.ram satisfies number,
    config.mirror satisfies string | null,
    config.kvm satisfies "auto" | "enabled" | "disabled",
    config.extraTrees satisfies readonly { source: string; target: string | null }[],
    config.environment satisfies Readonly<Record<string, string>>,
    config.format satisfies
      | "confext"
      | "cpio"
      | "directory"
      | "disk"
      | "esp"
      | "none"
      | "portable"
      | "sysext"
      | "tar"
      | "uki"
      | "oci"
      | "addon",
  ];
  expect(check).toBeTypeOf("function");
});
