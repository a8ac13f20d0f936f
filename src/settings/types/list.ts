// Collections: lists of elements and maps of names to texts. Assignments add to them, an empty one clears them.

import { compareCodePoints } from "../../formats/code-points.ts";
import { strip } from "../../formats/white-space.ts";
import { globSync, isPattern } from "./glob.ts";
import { type Piece, splitAtBlanks, splitAtCommas, splitAtLines, splitQuoted } from "./split.ts";
import {
  type ElementType,
  type Item,
  type Json,
  type ParseContext,
  reset,
  type Separators,
  ValueError,
  type ValueType,
} from "./value.ts";

const SPLITTERS = { commas: splitAtCommas, blanks: splitAtBlanks, lines: splitAtLines, quoted: splitQuoted };

export interface ListOptions {
  /** Where elements end. Default `commas`: at commas and white space. */
  readonly split?: Separators;
  /** Elements are glob patterns that stand for the files they match, in the order of their names. */
  readonly globs?: boolean;
  /** Whether an empty assignment clears the list. Default true. */
  readonly resets?: boolean;
  readonly compare?: (left: unknown, right: unknown) => number;
}

/** A list of elements of one kind. */
export function list<Element>(
  element: ElementType<Element>,
  options: ListOptions = {},
): ValueType<readonly Element[], readonly Element[]> {
  const split = SPLITTERS[options.split ?? "commas"];
  const { fromJson } = element;
  return {
    label: `a list of ${element.label}`,
    metavar: element.metavar,
    shape: "list",
    separators: options.split ?? "commas",
    unset: [],
    completion: element.completion,
    schema: { type: "array", items: element.schema },
    parse(text, context) {
      const pieces = split(text);
      if (pieces.length === 0) return options.resets === false ? { type: "append", items: [] } : reset;
      warnOfSigns(pieces, options.split ?? "commas", context);
      const expanded = options.globs === true ? pieces.flatMap((piece) => expandGlob(piece, context)) : pieces;
      return { type: "append", items: readItems(expanded, element, context) };
    },
    json: (value) => value.map((entry) => element.json(entry)),
    ...(fromJson === undefined
      ? {}
      : { fromJson: (json) => (json as readonly Json[]).map((entry) => fromJson(entry)) }),
    print: (value) => value.map((entry) => element.print(entry)).join("\n"),
    ...(options.compare === undefined ? {} : { compare: options.compare }),
  };
}

/** Quotes and semicolons mean something elsewhere; here they become elements, or parts of them. Told once for a text. */
function warnOfSigns(pieces: readonly Piece[], split: Separators, { warn }: ParseContext): void {
  if (split === "quoted" || split === "lines") return;
  const semicolon = pieces.find(({ text }) => text === ";");
  if (semicolon !== undefined)
    warn({
      message: "“;” is taken for an element; it begins no comment",
      offset: semicolon.offset,
      remedy: "Comments begin with #.",
    });
  // the kernel knows double quotes: options get to it as they are
  const quote = pieces.find(({ text }) => text.startsWith("'") || (split === "commas" && text.startsWith('"')));
  if (quote !== undefined)
    warn({
      message: `“${quote.text}”: the quote is taken for a part of the text, and keeps no blanks together`,
      offset: quote.offset,
      remedy: "Leave quotes out here.",
    });
}

/** Reads all elements, so that what is wrong with several is told at once. */
function readItems<Element>(pieces: readonly Piece[], element: ElementType<Element>, context: ParseContext): Item[] {
  const errors: ValueError[] = [];
  const items: Item[] = [];
  for (const piece of pieces) {
    if (piece.text === "") continue;
    try {
      items.push(readItem(piece, element, context));
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      errors.push(error);
    }
  }
  const [first, ...more] = errors;
  if (first === undefined) return items;
  throw more.length === 0 ? first : new ValueError(first.message, { offset: first.offset, remedy: first.remedy, more });
}

function readItem<Element>(piece: Piece, element: ElementType<Element>, context: ParseContext): Item {
  try {
    return { value: element.parse(piece.text, context), offset: piece.offset };
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new ValueError(error.message, { offset: piece.offset + error.offset, remedy: error.remedy });
  }
}

function expandGlob(piece: Piece, context: ParseContext): Piece[] {
  const found = globSync(piece.text, context.directory);
  if (found.length === 0) {
    context.warn({
      ...(isPattern(piece.text)
        ? { message: `no file matches “${piece.text}”` }
        : { message: `“${piece.text}” does not exist, and is left out`, strict: true }),
      offset: piece.offset,
      remedy: piece.text.startsWith("/") ? "Make it, or remove it here." : `It was looked for in ${context.directory}.`,
    });
  }
  return found.map((text) => ({ text, offset: piece.offset }));
}

/** Packages keep the order: names, then paths, then conditions; each by name. */
export function comparePackages(left: unknown, right: unknown): number {
  const first = String(left);
  const second = String(right);
  return packageRank(first) - packageRank(second) || compareCodePoints(first, second);
}

function packageRank(name: string): number {
  return name.startsWith("(") ? 2 : name.startsWith("/") ? 1 : 0;
}

export type StringMap = Readonly<Record<string, string>>;

export interface MapOptions {
  readonly split?: "quoted" | "lines";
  /** Where the value comes from when only a name is written; the empty text otherwise. */
  readonly fromEnvironment?: boolean;
}

/** Names with texts: `NAME=VALUE`. */
export function map(label: string, metavar: string, options: MapOptions = {}): ValueType<StringMap, StringMap> {
  const split = SPLITTERS[options.split ?? "quoted"];
  return {
    label,
    metavar,
    shape: "map",
    separators: options.split ?? "quoted",
    unset: {},
    completion: { kind: "none" },
    schema: { type: "object", additionalProperties: { type: "string" } },
    parse(text, context) {
      const pieces = split(text);
      if (pieces.length === 0) return reset;
      const items = pieces.filter((piece) => piece.text !== "").map((piece) => entry(piece, options, context));
      return { type: "append", items };
    },
    json: (value) => value,
    print: (value) =>
      Object.entries(value)
        .map(([key, text]) => `${key}=${text}`)
        .join("\n"),
  };
}

function entry(piece: Piece, options: MapOptions, context: ParseContext): Item {
  const equals = piece.text.indexOf("=");
  const key = strip(equals < 0 ? piece.text : piece.text.slice(0, equals));
  const known = options.fromEnvironment === true && Object.hasOwn(context.environment, key);
  const fallback = known ? (context.environment[key] ?? "") : "";
  return { key, value: equals < 0 ? fallback : strip(piece.text.slice(equals + 1)), offset: piece.offset };
}
