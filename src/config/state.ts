// One image while its configuration is read: what is assigned so far, and what a setting is worth at this moment.

import { DISTRIBUTIONS, type DistributionName } from "../facts/distributions.ts";
import type { Setting, SettingKey } from "../settings/index.ts";
import type { DefaultContext } from "../settings/setting.ts";
import type { HistoryEvent } from "./history.ts";
import type { ConfigFile } from "./source.ts";
import { mergeSlots, rowOf, type Slot, type Slots, settledSlot, targetOf, typeOf } from "./values.ts";

export interface ImageState {
  /** `main`, `tools`, `default-initrd`, or a sub-image's name. */
  readonly name: string;
  /** The project's directory; undefined when there is none. */
  readonly directory: string | undefined;
  readonly environment: DefaultContext["environment"];
  /** From the command line, or as good as that. */
  readonly cli: Slots;
  /** From files. */
  readonly config: Slots;
  /** Defaults that were computed; the first result stays. */
  readonly defaults: Map<SettingKey, unknown>;
  /** Configuration files that were read, in their order. */
  readonly files: string[];
  /** What was included already, by device and inode. */
  readonly includes: Set<string>;
  /** Names of profiles that had a file. */
  readonly foundProfiles: Set<string>;
  /** Where profiles were looked for; these directories need not exist. */
  readonly profileDirectories: Set<string>;
  readonly history: HistoryEvent[];
}

export function newState(
  name: string,
  directory: string | undefined,
  environment: DefaultContext["environment"],
): ImageState {
  return {
    name,
    directory,
    environment,
    cli: new Map(),
    config: new Map(),
    defaults: new Map(),
    files: [],
    includes: new Set(),
    foundProfiles: new Set(),
    profileDirectories: new Set(),
    history: [],
  };
}

/** What was assigned to a setting, command line and files together; undefined when its default is in force. */
export function assigned(state: ImageState, key: SettingKey): Slot | undefined {
  const target = targetOf(key);
  if (!state.cli.has(target) && !state.config.has(target)) return undefined;
  const cli = settledSlot(state.cli, target);
  const config = settledSlot(state.config, target);
  if (cli?.value !== undefined) {
    if (config?.value === undefined || cli.emptied || typeOf(target).shape === "scalar") return cli;
    return mergeSlots(config, cli);
  }
  return cli === undefined && config?.value !== undefined ? config : undefined;
}

/** The value of a setting at this moment: assigned, or its default. */
export function current(state: ImageState, key: SettingKey): unknown {
  const slot = assigned(state, key);
  if (slot !== undefined) return slot.value;
  const target = targetOf(key);
  return defaultValue(state, target, rowOf(target));
}

/** The value of a setting to which nothing is assigned. */
export function defaultValue(state: ImageState, key: SettingKey, row: Setting): unknown {
  const { type, default: standard, emptyUnsets } = row;
  const explicit = state.cli.has(key) || state.config.has(key);
  if (explicit && (type.shape !== "scalar" || emptyUnsets === true || standard === undefined)) return type.unset;
  if (state.defaults.has(key)) return state.defaults.get(key);
  if (typeof standard !== "function") return standard === undefined ? type.unset : standard;
  const value = (standard as (context: DefaultContext) => unknown)(defaultContext(state));
  state.defaults.set(key, value);
  return value;
}

function defaultContext(state: ImageState): DefaultContext {
  const { name, directory, environment } = state;
  return { image: name, directory, environment, get: (key) => current(state, key as SettingKey) };
}

/** Whether this image's own configuration must not set it. */
export function isProhibited(state: ImageState, key: SettingKey): boolean {
  const { scope, tools } = rowOf(key);
  if (state.name === "tools" && tools !== true) return true;
  if (["main", "tools", "initrd", "multiversal"].includes(scope)) return state.name !== "main";
  return scope === "universal" && state.name !== "main" && state.name !== "tools";
}

/** `%C`, `%P`, `%D`, `%F`, `%I` and the letters of settings; see SpecifierLookup. */
export function specifierValue(
  state: ImageState,
  letter: string,
  bySpecifier: ReadonlyMap<string, SettingKey>,
  places: { readonly file: ConfigFile; readonly workingDirectory: string },
): string | null | undefined {
  const key = bySpecifier.get(letter);
  if (key !== undefined) {
    const value = current(state, key);
    return value === null ? null : rowOf(key).type.print(value);
  }
  switch (letter) {
    case "C":
      return places.file.directory();
    case "P":
      return places.workingDirectory;
    case "D":
      return state.directory ?? null;
    case "I":
      return state.name;
    case "F":
      return DISTRIBUTIONS[current(state, "distribution") as DistributionName].filesystem;
    default:
      return undefined;
  }
}
