// The reverse of json.ts: values of settings from the names and forms that `summary --json` has. It is strict, since
// nobody can see what a program or an old file has written: what is not understood is told with its name.

import { schemaProblem } from "../formats/json-schema.ts";
import { suggest } from "../report/suggest.ts";
import { type Config, rows, type SettingKey } from "../settings/index.ts";
import { type Json, ValueError } from "../settings/types/value.ts";
import { rowOf } from "./values.ts";

/** What is in an image's JSON besides settings. */
const NO_SETTINGS: ReadonlySet<string> = new Set(["Image", "Files", "BuildSubdirectory"]);

/** Settings that an image's JSON has, by their present and former names. */
const byName: ReadonlyMap<string, keyof Config> = new Map(
  rows.flatMap(([key, row]) =>
    row.into === undefined && row.scope !== "tools" && key !== "include"
      ? [row.name, ...(row.oldNames ?? [])].map((name) => [name, key as keyof Config] as const)
      : [],
  ),
);

/** Whether a setting is in an image's JSON; those that only shape other images are not. */
export function isInJson(key: SettingKey): key is keyof Config {
  return byName.has(rowOf(key).name) && rowOf(key).into === undefined;
}

/** JSON that is not what it should be; the message says where: `Packages[2] must be a text, but is 3`. */
export class JsonError extends Error {
  override readonly name = "JsonError";
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** The object that a text (`what` it is, for messages) holds. @throws {JsonError} when it holds something else */
export function parseObject(text: string, what: string): Readonly<Record<string, Json>> {
  if (text.trim() === "") throw new JsonError(`${what} is empty`);
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch (error) {
    throw new JsonError(`${what} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new JsonError(`${what} is not a JSON object`);
  return json as Readonly<Record<string, Json>>;
}

/**
 * The values of the settings in an object.
 * @param mayBeUnset whether a setting may be null, besides those that have no default
 * @throws {JsonError} naming the first that is unknown or has a wrong value
 */
export function valuesFromJson(
  json: Readonly<Record<string, Json>>,
  mayBeUnset: (key: keyof Config) => boolean,
): Map<keyof Config, unknown> {
  const values = new Map<keyof Config, unknown>();
  for (const [name, value] of Object.entries(json)) {
    if (NO_SETTINGS.has(name)) continue;
    const key = byName.get(name);
    if (key === undefined) {
      const near = suggest(name, [...byName.keys()]);
      throw new JsonError(
        `${name} is not a setting that an image has`,
        near === undefined ? "mkosi --json summary shows all names." : `Did you mean ${near}?`,
      );
    }
    values.set(key, valueFromJson(name, key, value, mayBeUnset));
  }
  return values;
}

function valueFromJson(
  name: string,
  key: keyof Config,
  json: Json,
  mayBeUnset: (key: keyof Config) => boolean,
): unknown {
  const { type, default: standard, emptyUnsets } = rowOf(key);
  if (json === null) {
    const canBeNull = type.unset === null && (standard === undefined || emptyUnsets === true);
    if (canBeNull || mayBeUnset(key)) return null;
    throw new JsonError(`${name} must not be null`, `It is ${type.label}; leave it out for its default.`);
  }
  const problem = schemaProblem(json, type.schema);
  if (problem !== undefined) {
    throw new JsonError(`${name}${problem.path} ${problem.message}`, `${name} is ${type.label}.`);
  }
  try {
    return type.fromJson === undefined ? json : type.fromJson(json);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new JsonError(`${name}: ${error.message}`, error.remedy);
  }
}
