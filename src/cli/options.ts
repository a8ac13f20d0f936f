// Every option by its name and its letter: those of settings and those that stand only on the command line.

import { rows, type SettingKey } from "../settings/index.ts";
import { FLAGS, type Flag, type FlagName } from "./flags.ts";

export type Target =
  | { readonly flag: Flag & { readonly option: FlagName } }
  | { readonly key: SettingKey; readonly means: string | undefined; readonly bare: string | undefined };

export const LONG = new Map<string, Target>([
  ...FLAGS.map((flag) => [flag.option, { flag }] as const),
  ...rows.flatMap(([key, row]) =>
    [row.option, ...(row.oldOptions ?? [])].map(
      (option) => [option, { key, means: undefined, bare: row.bareMeans }] as const,
    ),
  ),
]);

export const SHORT = new Map<string, Target>([
  ...FLAGS.flatMap((flag) => ("short" in flag ? [[flag.short, { flag }] as const] : [])),
  ...rows.flatMap(([key, row]) =>
    row.short === undefined ? [] : [[row.short, { key, means: row.shortMeans, bare: undefined }] as const],
  ),
]);
