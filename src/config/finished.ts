// From what was assigned to what is so: the values of all settings of one image, and where each came from.

import type { Origin } from "../report/failure.ts";
import { type Config, rows, type SettingKey } from "../settings/index.ts";
import type { Image } from "./project.ts";
import { assigned, defaultValue, type ImageState } from "./state.ts";

export interface FinishedValue {
  /** Null or an empty collection when it has none. */
  readonly value: unknown;
  readonly origins: readonly (Origin | undefined)[];
}

/** The values of all settings that hold one. */
export type Finished = Map<SettingKey, FinishedValue>;

export function finish(state: ImageState): Finished {
  const finished: Finished = new Map();
  for (const [key, row] of HOLDING) {
    const slot = assigned(state, key);
    finished.set(key, slot ?? { value: defaultValue(state, key, row), origins: [] });
  }
  return finished;
}

/** Settings that are no other way to write one. */
const HOLDING = rows.filter(([, row]) => row.into === undefined);

/** Makes the image that everything else works with. */
export function toImage(state: ImageState, finished: Finished): Image {
  const values: Partial<Record<SettingKey, unknown>> = {};
  for (const [key, { value }] of finished) values[key] = value;
  const config = values as unknown as Config;
  return {
    name: state.name,
    config,
    files: state.files,
    history: state.history,
    origin: (key, element) => originOf(finished.get(key), element),
    origins: (key) => finished.get(key)?.origins ?? [],
  };
}

function originOf(finished: FinishedValue | undefined, element: unknown): Origin | undefined {
  if (finished === undefined) return undefined;
  const { value, origins } = finished;
  if (element === undefined) return origins.at(-1);
  if (Array.isArray(value)) return origins[value.indexOf(element)];
  const names = typeof value === "object" && value !== null ? Object.keys(value) : [];
  const index = typeof element === "string" ? names.indexOf(element) : -1;
  return index < 0 ? origins.at(-1) : origins[index];
}
