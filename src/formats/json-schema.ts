// Whether JSON has the form that a JSON schema (draft 2020-12) asks for. Only the keywords that the settings table's
// schemas are made of; what it says is for a person who has written the JSON.

/** Anything JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A schema; keywords that are not listed here are not looked at. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly Json[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

export interface SchemaProblem {
  /** Where in the value: `[2].Source`; empty for the value itself. */
  readonly path: string;
  /** What is wrong there, to be read after the path: `must be a text, but is 3`. */
  readonly message: string;
}

const NAMES: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  integer: "a whole number",
  null: "null",
  number: "a number",
  object: "an object",
  string: "a text",
};

/** The first thing in which `json` is not as the schema says; undefined when it is. */
export function schemaProblem(json: Json, schema: Json, path = ""): SchemaProblem | undefined {
  const rules = schema as Schema;
  const problem = (message: string): SchemaProblem => ({ path, message: `${message}, but is ${short(json)}` });
  if (rules.enum !== undefined && !rules.enum.includes(json)) {
    return problem(
      `must be one of ${rules.enum.map((word) => (typeof word === "string" ? word : short(word))).join(", ")}`,
    );
  }
  const types = rules.type === undefined ? [] : [rules.type].flat();
  if (types.length > 0 && !types.some((type) => isOfType(json, type))) {
    return problem(`must be ${types.map((type) => NAMES[type] ?? type).join(" or ")}`);
  }
  if (typeof json === "string" && rules.pattern !== undefined && !new RegExp(rules.pattern, "u").test(json)) {
    return problem(`must match ${rules.pattern}`);
  }
  if (typeof json === "string" && json.includes("\0")) return problem("must not hold a NUL character");
  if (typeof json === "number") {
    if (rules.minimum !== undefined && json < rules.minimum) return problem(`must be at least ${rules.minimum}`);
    if (rules.maximum !== undefined && json > rules.maximum) return problem(`must be at most ${rules.maximum}`);
  }
  if (Array.isArray(json)) return listProblem(json, rules, path);
  if (typeof json === "object" && json !== null) return objectProblem(Object.entries(json), rules, path);
  return undefined;
}

function listProblem(list: readonly Json[], rules: Schema, path: string): SchemaProblem | undefined {
  const { prefixItems, items } = rules;
  if (prefixItems !== undefined && list.length !== prefixItems.length) {
    return { path, message: `must have ${prefixItems.length} elements, but has ${list.length}` };
  }
  return first(list, (element, index) => {
    const schema = prefixItems?.[index] ?? items;
    return schema === undefined ? undefined : schemaProblem(element, schema as Json, `${path}[${index}]`);
  });
}

function objectProblem(
  entries: readonly (readonly [string, Json])[],
  rules: Schema,
  path: string,
): SchemaProblem | undefined {
  const { properties = {}, required = [], additionalProperties = true } = rules;
  const missing = required.find((name) => !entries.some(([key]) => key === name));
  if (missing !== undefined) return { path, message: `has no ${missing}` };
  return first(entries, ([name, value]) => {
    const place = `${path}.${name}`;
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (own !== undefined) return schemaProblem(value, own as Json, place);
    if (additionalProperties === true) return undefined;
    if (additionalProperties === false) {
      return { path: place, message: `is not known; known are ${Object.keys(properties).join(", ")}` };
    }
    return schemaProblem(value, additionalProperties as Json, place);
  });
}

function first<T>(
  list: readonly T[],
  look: (element: T, index: number) => SchemaProblem | undefined,
): SchemaProblem | undefined {
  for (const [index, element] of list.entries()) {
    const found = look(element, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isOfType(json: Json, type: string): boolean {
  if (type === "array") return Array.isArray(json);
  if (type === "null") return json === null;
  if (type === "integer") return Number.isSafeInteger(json);
  if (type === "object") return typeof json === "object" && json !== null && !Array.isArray(json);
  return typeof json === type;
}

const LONGEST = 60;

function short(json: Json): string {
  const text = JSON.stringify(json);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
