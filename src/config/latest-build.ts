// History=: the settings of the command line are remembered after a build, and verbs that use the image take them from
// there. The files are those of the original, in its form. Loaded only when there is such a file or one is to be written.

import type { Origin } from "../report/failure.ts";
import type { Config } from "../settings/index.ts";
import { readText } from "../settings/types/files.ts";
import { type Json, ValueError } from "../settings/types/value.ts";
import { isInJson, JsonError, parseObject, valuesFromJson } from "./from-json.ts";
import { formatJson } from "./json.ts";
import type { Session } from "./session.ts";
import { current, type ImageState, newState } from "./state.ts";
import { rowOf, type Slots, targetOf } from "./values.ts";

/** The settings of a command line as they are remembered, by name; those that only shape other images are not. */
export function optionsToRemember(state: ImageState, commandLine: Slots): Readonly<Record<string, Json>> {
  // without configuration files: what an empty option resets to is the default of the command line alone
  const alone = { ...newState(state.name, state.directory, state.environment), cli: new Map(commandLine) };
  const keys = [...commandLine.keys()].filter(isInJson);
  return Object.fromEntries(keys.map((key) => [rowOf(key).name, jsonOf(key, current(alone, key))]));
}

function jsonOf(key: keyof Config, value: unknown): Json {
  return value === null ? null : rowOf(key).type.json(value);
}

/**
 * Takes the settings that a file remembers as if they stood on the command line. They win over what stands there, with a
 * warning; those of [Runtime] and [Test] are not taken, as they can change without a new build.
 */
export function takeRememberedOptions(session: Session, state: ImageState, file: string): void {
  const remembered = readRemembered(session, file);
  const given = optionsToRemember(state, state.cli);
  for (const [key, value] of remembered ?? []) {
    const { section, name, option, type } = rowOf(key);
    if (section === "Include" || section === "Runtime" || section === "Test") continue;
    const own = state.cli.get(key)?.origins.at(-1);
    if (own !== undefined && formatJson(given[name] ?? null) !== formatJson(jsonOf(key, value))) {
      session.diagnostics.push({
        level: "warning",
        message: `--${option} is ignored: the image was built with another value of ${name}=`,
        origin: own,
        remedy: "Add -f to build the image with it.",
      });
    }
    const origin: Origin = { kind: "option", option: `--${option}`, latestBuild: file };
    const empty = value === null || (type.shape !== "scalar" && Object.keys(value as object).length === 0);
    const elements = type.shape === "scalar" || empty ? [value] : Object.keys(value as object);
    state.cli.set(key, {
      value: empty ? undefined : value,
      origins: elements.map(() => origin),
      emptied: empty,
      unsorted: type.compare !== undefined,
    });
    forget(state, key);
    const effect = empty ? "empties" : type.shape === "scalar" ? "sets" : "adds";
    const text = value === null ? "" : type.print(value);
    state.history.push({ type: "assigned", key, name: `${name}=`, text, effect, origin });
  }
}

/** What was said about a setting on the command line does not count. */
function forget(state: ImageState, key: keyof Config): void {
  const others = state.history.filter((event) => event.type !== "assigned" || targetOf(event.key) !== key);
  state.history.splice(0, state.history.length, ...others);
}

function readRemembered(session: Session, file: string): Map<keyof Config, unknown> | undefined {
  try {
    return valuesFromJson(parseObject(readText(file), "it"), () => true);
  } catch (error) {
    if (!(error instanceof JsonError || error instanceof ValueError)) throw error;
    const { message } = error;
    session.diagnostics.push({
      level: "error",
      message: `the options of the latest build cannot be read: ${message}`,
      origin: { kind: "pickup", path: file },
      remedy: "Build again with -f, which replaces this file, or remove it.",
    });
    return undefined;
  }
}
