// Finds a setting by whatever somebody calls it: its name, its option, a former name, in any case.

import { rows, type Setting, type SettingKey } from "./index.ts";

/** The row for `Packages`, `Packages=`, `--package`, `packages` or a former name; undefined when there is none. */
export function findSetting(word: string): readonly [SettingKey, Setting] | undefined {
  const wanted = word.replace(/^-+/, "").replace(/=$/, "").toLowerCase();
  const byName = rows.find(([, row]) => row.name.toLowerCase() === wanted);
  return (
    byName ??
    rows.find(([, row]) =>
      [row.option, ...(row.oldNames ?? []), ...(row.oldOptions ?? [])].some((name) => name.toLowerCase() === wanted),
    )
  );
}
