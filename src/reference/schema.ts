// The JSON schemas that docs/schema/ publishes: of the settings, as configure scripts print them and remembered options
// have them, and of `mkosi --json summary`. Both are made from the settings table.

import { rows, type Setting } from "../settings/index.ts";
import type { Json } from "../settings/types/value.ts";

/** Counts up when something that was valid is not any more, or the other way round in what exists already. */
export const SCHEMA_VERSION = 1;

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/** Settings that an image has in JSON: all but those that only shape other images or are other ways to write one. */
const IN_JSON = rows.filter(([key, row]) => row.into === undefined && row.scope !== "tools" && key !== "include");

interface Described {
  readonly title: string;
  readonly description: string;
  /** Where it is written in files, and on the command line. */
  readonly "x-section": string;
  readonly "x-option": string;
  readonly anyOf: readonly Json[];
}

function described(row: Setting): Described {
  const { type, default: standard, emptyUnsets } = row;
  const canBeNull =
    typeof standard === "function" || (type.unset === null && (standard === undefined || emptyUnsets === true));
  // a default need not be a value that could be written
  const fixed =
    standard === undefined || standard === null || typeof standard === "function"
      ? []
      : [{ const: type.json(standard) }];
  return {
    title: `${row.name}=`,
    description: row.help,
    "x-section": row.section,
    "x-option": `--${row.option}`,
    anyOf: [type.schema, ...fixed, ...(canBeNull ? [{ type: "null" }] : [])],
  };
}

/** Some settings, by their names; each may be left out. */
export function settingsSchema(): Json {
  return {
    $schema: DIALECT,
    $id: `urn:mkosi:settings:${SCHEMA_VERSION}`,
    title: "Settings of one image of mkosi",
    type: "object",
    properties: properties(),
    additionalProperties: false,
  };
}

/** What `mkosi --json summary` prints. */
export function summarySchema(): Json {
  const image: Json = {
    type: "object",
    properties: {
      Image: { type: "string", description: "The image's name: main for the one that the project is named for." },
      Files: {
        type: "array",
        items: { type: "string" },
        description: "The configuration files that were read for it.",
      },
      BuildSubdirectory: { type: "string", description: "The directory for build scripts, in BuildDirectory=." },
      ...properties(),
    },
    required: ["Image", "Files", ...IN_JSON.flatMap(([, row]) => (row.own === true ? [] : [row.name]))],
    additionalProperties: false,
  };
  return {
    $schema: DIALECT,
    $id: `urn:mkosi:summary:${SCHEMA_VERSION}`,
    title: "What mkosi --json summary prints",
    type: "object",
    properties: {
      Images: { type: "array", items: { $ref: "#/$defs/image" }, minItems: 1 },
      Tools: { anyOf: [{ $ref: "#/$defs/image" }, { type: "null" }] },
    },
    required: ["Images", "Tools"],
    additionalProperties: false,
    $defs: { image },
  };
}

function properties(): Readonly<Record<string, Json>> {
  return Object.fromEntries(IN_JSON.map(([, row]) => [row.name, described(row) as unknown as Json]));
}

/** Files below docs/ with their texts. */
export function schemaFiles(): { readonly name: string; readonly text: string }[] {
  return Object.entries({ settings: settingsSchema(), summary: summarySchema() }).map(([name, schema]) => ({
    name: `schema/${name}-${SCHEMA_VERSION}.json`,
    text: `${JSON.stringify(schema, null, 2)}\n`,
  }));
}
