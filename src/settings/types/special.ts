// The types that belong to one or a few settings: sources of keys, module filters, UKI profiles, the minimum version.

import { VERSION } from "../../facts/version.ts";
import { compilePythonExpression, ExpressionError } from "../../formats/python-expression.ts";
import { compareVersions } from "../../formats/version-compare.ts";
import { strip } from "../../formats/white-space.ts";
import { parseBoolean } from "./boolean.ts";
import { parseChoice } from "./choice.ts";
import type { StringMap } from "./list.ts";
import { parsePath } from "./path.ts";
import { splitAtBlanks } from "./split.ts";
import { words } from "./text.ts";
import { type ElementType, type FilePlace, reset, scalar, ValueError, type ValueType } from "./value.ts";

export interface KeySource {
  readonly type: string;
  readonly source: string;
}

/** Where a key or certificate comes from: `file`, `engine:NAME`, `provider:NAME`. */
export function keySource(kinds: readonly string[], metavar: string): ValueType<KeySource, KeySource> {
  const file: KeySource = { type: "file", source: "" };
  const type = scalar<KeySource, KeySource>(
    {
      label: `a source (${kinds.join(", ")})`,
      metavar,
      schema: {
        type: "object",
        properties: { Type: { enum: kinds }, Source: { type: "string" } },
        required: ["Type"],
        additionalProperties: false,
      },
      completion: { kind: "words", words: kinds },
      parse(text) {
        const colon = text.indexOf(":");
        const kind = colon < 0 ? text : text.slice(0, colon);
        return { type: parseChoice(kind, kinds), source: colon < 0 ? "" : text.slice(colon + 1) };
      },
      json: (value) => ({ Source: value.source, Type: value.type }),
      fromJson(json) {
        const { Type: kind, Source: source = "" } = json as { Type: string; Source?: string };
        return { type: kind, source };
      },
      print: (value) => (value.source === "" ? value.type : `${value.type}:${value.source}`),
    },
    file,
  );
  return {
    ...type,
    parse: (text, context) => (text === "" ? { type: "set", value: file } : type.parse(text, context)),
  };
}

/** Regular expressions for files; they are kept as `re:…` beside the globs of the newer settings. */
export const fileExpressions: ElementType<string> = {
  ...words("regular expressions", "REGEX"),
  parse: (text) => (text === "default" || text === "host" ? text : `re:${checkExpression(text, 0)}`),
  fromJson: (json) => readPattern(json as string),
};

/** Glob patterns for files; with `re:` in front a regular expression. */
export const filePatterns: ElementType<string> = {
  ...words("patterns", "GLOB"),
  parse: readPattern,
  fromJson: (json) => readPattern(json as string),
};

function readPattern(text: string): string {
  return text.startsWith("re:") ? `re:${checkExpression(text.slice(3), 3)}` : text;
}

/** @throws {ValueError} when it is none */
export function checkExpression(text: string, offset: number): string {
  try {
    compilePythonExpression(text);
    return text;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ValueError(`“${text}” is not a regular expression: ${error.message}`, {
      offset: offset + error.offset,
      remedy: "Its syntax is that of Python; [.] stands for a dot.",
    });
  }
}

export interface UkiProfile {
  readonly profile: StringMap;
  readonly cmdline: readonly string[];
  readonly signExpectedPcr: boolean;
}

/** Elements that are files with a [UKIProfile] section. */
export const ukiProfiles: ElementType<UkiProfile> = {
  label: "UKI profile files",
  metavar: "PATH",
  completion: { kind: "path" },
  schema: {
    type: "object",
    properties: {
      Profile: { type: "object", additionalProperties: { type: "string" } },
      Cmdline: { type: "array", items: { type: "string" } },
      SignExpectedPcr: { type: "boolean" },
    },
    required: ["Profile", "Cmdline", "SignExpectedPcr"],
    additionalProperties: false,
  },
  parse(text, context) {
    const profile = new Map<string, string>();
    let cmdline: string[] = [];
    let signExpectedPcr = true;
    const file = parsePath(text, context);
    const section = context.readSection(file, "UKIProfile", ["Profile", "Cmdline", "SignExpectedPcr"]);
    for (const { key, value, place } of section.entries) {
      if (key === "SignExpectedPcr") signExpectedPcr = value === "" || readBoolean(key, value, place);
      else if (key === "Cmdline")
        cmdline = value === "" ? [] : [...cmdline, ...splitAtBlanks(value).map((piece) => piece.text)];
      else {
        if (value === "") profile.clear();
        for (const line of value.split("\n").filter((entry) => entry !== "")) {
          const [name = "", ...rest] = line.split("=");
          profile.set(strip(name), strip(rest.join("=")));
        }
      }
    }
    if ((profile.get("ID") ?? "") === "")
      section.place.report("warning", "this profile has no ID", "Write Profile=ID=NAME in [UKIProfile].");
    return { profile: Object.fromEntries(profile), cmdline, signExpectedPcr };
  },
  json: (value) => ({ Cmdline: value.cmdline, Profile: value.profile, SignExpectedPcr: value.signExpectedPcr }),
  fromJson(json) {
    const value = json as { Cmdline: readonly string[]; Profile: StringMap; SignExpectedPcr: boolean };
    return { profile: value.Profile, cmdline: value.Cmdline, signExpectedPcr: value.SignExpectedPcr };
  },
  print: (value) => value.profile["ID"] ?? JSON.stringify(value.profile),
};

/** What is no boolean is reported where it stands. */
function readBoolean(key: string, value: string, place: FilePlace): boolean {
  try {
    return parseBoolean(value);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    place.report("error", `${key}: ${error.message}`, error.remedy);
    return true;
  }
}

function checkVersion(text: string): string {
  if (compareVersions(text, VERSION, "zero") <= 0) return text;
  throw new ValueError(`this configuration needs version ${text} or newer, and this is ${VERSION}`, {
    remedy: "Install a newer version.",
  });
}

/** The oldest version of this program that understands the configuration; of several the newest counts. */
export const minimumVersion: ValueType<string, null> = {
  ...scalar({ label: "a version", metavar: "VERSION", schema: { type: "string" }, parse: (text) => text }, null),
  fromJson: (json) => checkVersion(json as string),
  parse(text, context) {
    const previous = typeof context.previous === "string" ? context.previous : undefined;
    if (text === "") return previous === undefined ? reset : { type: "set", value: previous };
    if (text.startsWith("commit:")) {
      throw new ValueError(`“${text}” asks for a commit of the original mkosi, which this program has no history of`, {
        remedy: "Name a version instead, like 27.",
      });
    }
    checkVersion(text);
    const newer = previous === undefined || compareVersions(text, previous, "zero") > 0;
    return { type: "set", value: newer ? text : previous };
  },
};
