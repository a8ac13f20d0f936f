// What a value type is: the object that knows how one kind of value is written, printed, completed and described.
// A setting names its type; everything that reads or shows values goes through it.

import type { Json } from "../../formats/json-schema.ts";

export type { Json };

/** What a type may look at while it reads a text. */
export interface ParseContext {
  /** Relative paths are relative to this directory (absolute). */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The value the setting had so far, undefined when it had none. */
  readonly previous: unknown;
  warn(warning: ValueWarning): void;
  /**
   * Another configuration file, of a kind that has one section with these settings. What is wrong with it is reported
   * at its place. @throws {ValueError} when it cannot be read
   */
  readSection(path: string, section: string, known: readonly string[]): FileSection;
}

export interface FileSection {
  /** The assignments in their order. */
  readonly entries: readonly { readonly key: string; readonly value: string; readonly place: FilePlace }[];
  /** The section itself; the file's beginning when it is not there. */
  readonly place: FilePlace;
}

/** Where something stands in a file, to say what is wrong with it. */
export interface FilePlace {
  report(level: "error" | "warning", message: string, remedy?: string): void;
}

/** What is odd about a text that is accepted all the same. */
export interface ValueWarning {
  readonly message: string;
  /** Where in the text. */
  readonly offset: number;
  readonly remedy?: string;
  /** Whether --strict makes an error of it. */
  readonly strict?: boolean;
}

/** One element of a collection; `offset` is where in the text it starts. */
export interface Item {
  readonly value: unknown;
  /** Name of the entry, for maps. */
  readonly key?: string;
  readonly offset: number;
}

/** What an assignment does to the value a setting had. */
export type Change =
  | { readonly type: "set"; readonly value: unknown }
  | { readonly type: "append"; readonly items: readonly Item[] }
  | { readonly type: "replace"; readonly items: readonly Item[] }
  | { readonly type: "reset" };

export type Completion =
  | { readonly kind: "none" }
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "path" }
  | { readonly kind: "directory" }
  /** What lies in a directory of the project, without `.conf`. */
  | { readonly kind: "names"; readonly directory: string };

/** `commas`: commas and white space; `quoted`: blanks, unless they are quoted. */
export type Separators = "commas" | "blanks" | "lines" | "quoted";

/** `Value` is what it holds when set, `Unset` what it holds when nobody set it. */
export interface ValueType<Value, Unset> {
  /** With an article, for messages: `a boolean`, `a list of packages`. */
  readonly label: string;
  /** Placeholder in the help: `BOOL`. */
  readonly metavar: string;
  readonly shape: "scalar" | "list" | "map";
  /** What stands between the elements of a collection. */
  readonly separators?: Separators;
  readonly unset: Unset;
  readonly completion: Completion;
  /** JSON schema (draft 2020-12) of what json() gives, and of what fromJson() takes. */
  readonly schema: Json;
  /** @throws {ValueError} when the text is not of this type */
  parse(text: string, context: ParseContext): Change;
  /** The value as `summary --json` shows it. */
  json(value: Value): Json;
  /** The reverse of json(), for JSON that is as the schema says; without it the JSON is the value. @throws {ValueError} */
  fromJson?(json: Json): Value;
  /** The value as a person writes it. */
  print(value: Value): string;
  /** Order in which a list keeps its elements; without it, that of the assignments. */
  compare?(left: unknown, right: unknown): number;
}

/** The text is not what the type needs. The one who knows the place turns it into a diagnostic. */
export class ValueError extends Error {
  override readonly name = "ValueError";
  readonly offset: number;
  readonly remedy: string | undefined;
  /** This one, and what else is wrong with the same text. */
  readonly all: readonly ValueError[];

  constructor(
    message: string,
    options: { offset?: number; remedy?: string | undefined; more?: readonly ValueError[] } = {},
  ) {
    super(message);
    this.all = [this, ...(options.more ?? [])];
    this.offset = options.offset ?? 0;
    this.remedy = options.remedy;
  }
}

export const noCompletion: Completion = { kind: "none" };
export const reset: Change = { type: "reset" };

/** Reads one element of a collection. */
export type ElementParser<Element> = (text: string, context: ParseContext) => Element;

/** How elements of a collection are described and shown. */
export interface ElementType<Element> {
  /** In the plural, for messages: `packages`. */
  readonly label: string;
  readonly metavar: string;
  readonly completion: Completion;
  readonly schema: Json;
  parse: ElementParser<Element>;
  json(value: Element): Json;
  /** As that of `ValueType`. */
  fromJson?(json: Json): Element;
  print(value: Element): string;
}

/** Options of a scalar type; the rest of `ValueType` follows from them. */
export interface ScalarOptions<Value> {
  readonly label: string;
  readonly metavar: string;
  readonly schema: Json;
  readonly completion?: Completion;
  parse(text: string, context: ParseContext): Value;
  json?(value: Value): Json;
  fromJson?(json: Json): Value;
  print?(value: Value): string;
}

/** Makes a type with a single value whose empty assignment resets it. */
export function scalar<Value, Unset = null>(options: ScalarOptions<Value>, unset: Unset): ValueType<Value, Unset> {
  return {
    label: options.label,
    metavar: options.metavar,
    shape: "scalar",
    unset,
    completion: options.completion ?? noCompletion,
    schema: options.schema,
    parse: (text, context) => (text === "" ? reset : { type: "set", value: options.parse(text, context) }),
    json: options.json ?? ((value) => value as Json),
    ...(options.fromJson === undefined ? {} : { fromJson: options.fromJson }),
    print: options.print ?? String,
  };
}
