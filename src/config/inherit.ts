// Which values of the main image the other images start with: sub-images, the default tools tree, the default initrd.

import type { Origin } from "../report/failure.ts";
import { rows, type SettingKey } from "../settings/index.ts";
import type { Finished } from "./finished.ts";
import { type ImageState, newState } from "./state.ts";
import { rowOf, type Slot } from "./values.ts";

/** A sub-image starts with what it must not change (as if from the command line) and what it may. */
export function subImageState(name: string, main: ImageState, finished: Finished): ImageState {
  const state = newState(name, main.directory, main.environment);
  for (const [key, value] of finished) {
    const { scope } = rowOf(key);
    if (scope === "universal" || scope === "multiversal") state.cli.set(key, slotOf(value));
    else if (scope === "inherit") state.config.set(key, slotOf(value));
  }
  passEnvironment(state, finished);
  return state;
}

/** The default initrd has the Initrd… settings as its own (InitrdPackages= as Packages=). */
export function initrdState(main: ImageState, finished: Finished): ImageState {
  const state = newState("default-initrd", main.directory, main.environment);
  for (const [key, value] of finished) {
    const { scope } = rowOf(key);
    if (scope === "universal" || scope === "multiversal") state.cli.set(key, slotOf(value));
    else if (scope === "inherit" || scope === "initrd-inherit") state.config.set(key, slotOf(value));
    else if (scope === "initrd") hand(state, ownKey(key, "initrd"), main, key, value);
  }
  passEnvironment(state, finished);
  return state;
}

/** The default tools tree has the ToolsTree… settings as its own (ToolsTreeRelease= as Release=). */
export function toolsState(main: ImageState, finished: Finished): ImageState {
  const state = newState("tools", main.directory, main.environment);
  for (const [key, value] of finished) {
    const { scope } = rowOf(key);
    if (scope === "multiversal") state.cli.set(key, slotOf(value));
    else if (scope === "tools") hand(state, ownKey(key, "toolsTree"), main, key, value);
  }
  state.cli.set("format", { value: "directory", origins: [], emptied: false });
  passEnvironment(state, finished);
  return state;
}

/** `toolsTreePackages` without its prefix is `packages`. */
export function ownKey(key: SettingKey, prefix: string): SettingKey {
  const rest = key.slice(prefix.length);
  const name = `${rest.charAt(0).toLowerCase()}${rest.slice(1)}`;
  if (!rows.some(([known]) => known === name)) throw new Error(`${key} has no counterpart ${name}`);
  return name as SettingKey;
}

/** A value keeps its rank: from the command line, from a file, or a default. */
function hand(
  state: ImageState,
  own: SettingKey,
  main: ImageState,
  key: SettingKey,
  finished: { value: unknown; origins: readonly (Origin | undefined)[] },
): void {
  const slot = { ...slotOf(finished), emptied: main.cli.get(key)?.emptied ?? false };
  if (main.cli.has(key)) state.cli.set(own, slot);
  else if (main.config.has(key)) state.config.set(own, slot);
  else state.defaults.set(own, finished.value);
}

function slotOf({
  value,
  origins,
}: {
  readonly value: unknown;
  readonly origins: readonly (Origin | undefined)[];
}): Slot {
  return { value: value ?? undefined, origins, emptied: false };
}

function passEnvironment(state: ImageState, finished: Finished): void {
  const environment = finished.get("environment");
  const all = (environment?.value ?? {}) as Readonly<Record<string, string>>;
  const passed = new Set((finished.get("passEnvironment")?.value ?? []) as readonly string[]);
  const names = Object.keys(all);
  const kept = names.filter((name) => passed.has(name));
  state.config.set("environment", {
    value: Object.fromEntries(kept.map((name) => [name, all[name]])),
    origins: kept.map((name) => environment?.origins[names.indexOf(name)]),
    emptied: false,
  });
}
