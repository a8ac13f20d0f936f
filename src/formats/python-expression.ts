// Regular expressions as configurations have them, in the syntax of Python's re module (docs.python.org/3/library/re),
// as JavaScript's. Byte patterns, verbose mode, atomic groups, conditions and flags for parts are left out: told, not
// misread.

/** The expression is wrong, or has what is left out here. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  /** Where in the text. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

interface Reader {
  readonly text: string;
  at: number;
  readonly dotAll: boolean;
}

/** @throws {ExpressionError} */
export function compilePythonExpression(text: string): RegExp {
  const [head = "", letters = ""] = /^\(\?([aimsu]+)\)/.exec(text) ?? [];
  const flags = [...new Set(letters)].filter((letter) => "ims".includes(letter)).join("");
  const reader: Reader = { text, at: head.length, dotAll: flags.includes("s") };
  let source = "";
  while (reader.at < text.length) source += readPiece(reader);
  try {
    return new RegExp(source, `${flags}u`);
  } catch (error) {
    throw new ExpressionError(String(error).replace(/^[^]*\/[a-z]*: /, ""), 0);
  }
}

function readPiece(reader: Reader): string {
  const { text, at } = reader;
  const rest = text.slice(at);
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (char === "\\") return readEscape(reader, false);
  if (char === "[") return readClass(reader);
  if (char === "(") return readGroup(reader);
  const repeat = char === "{" ? /^\{(?!\})(\d*)(?:(,)(\d*))?\}/.exec(rest) : null;
  if (repeat !== null) {
    reader.at += repeat[0].length;
    const [, from = "", comma = "", to = ""] = repeat;
    return `{${from === "" ? "0" : from}${comma}${to}}`;
  }
  reader.at += char.length;
  if (char === ".") return reader.dotAll ? "[^]" : "[^\\n]";
  return "{}]".includes(char) ? `\\${char}` : char;
}

/** Groups that both languages write the same way. */
const SAME = /^\((?:\?(?:[:=!]|<[=!]))?(?!\?)/;

function readGroup(reader: Reader): string {
  const rest = reader.text.slice(reader.at);
  const take = (length: number, result: string): string => {
    reader.at += length;
    return result;
  };
  const named = /^\(\?P<(\w+)>/.exec(rest);
  if (named !== null) return take(named[0].length, `(?<${named[1]}>`);
  const again = /^\(\?P=(\w+)\)/.exec(rest);
  if (again !== null) return take(again[0].length, `\\k<${again[1]}>`);
  const comment = /^\(\?#[^)]*\)/.exec(rest);
  if (comment !== null) return take(comment[0].length, "");
  const same = SAME.exec(rest);
  if (same !== null) return take(same[0].length, same[0]);
  throw new ExpressionError(`“${rest.slice(0, 3)}” begins a group of a kind that is not understood here`, reader.at);
}

function readClass(reader: Reader): string {
  const start = reader.at;
  let source = "[";
  reader.at++;
  if (reader.text[reader.at] === "^") {
    source += "^";
    reader.at++;
  }
  for (let first = true; ; first = false) {
    const char = reader.text[reader.at];
    if (char === undefined) throw new ExpressionError("“[” has no “]”", start);
    if (char === "\\") {
      source += readEscape(reader, true);
      continue;
    }
    reader.at++;
    if (char === "]" && !first) return `${source}]`;
    source += "[]^".includes(char) ? `\\${char}` : char;
  }
}

const CONTROL: Readonly<Record<string, string>> = { a: "\\x07", A: "(?<![^])", Z: "(?![^])" };

function readEscape(reader: Reader, inClass: boolean): string {
  const { at } = reader;
  const rest = reader.text.slice(at);
  const take = (length: number, result: string): string => {
    reader.at += length;
    return result;
  };
  if (rest.length === 1) throw new ExpressionError("it ends with a lone backslash", at);
  const hex = /^\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U(00[01][0-9A-Fa-f]{5}))/.exec(rest);
  if (hex !== null) return take(hex[0].length, `\\u{${hex[1] ?? hex[2] ?? hex[3]}}`);
  const octal = (inClass ? /^\\([0-7]{1,3})/ : /^\\(0[0-7]{0,2}|[0-3][0-7]{2})/).exec(rest);
  if (octal !== null) return take(octal[0].length, `\\u{${Number.parseInt(octal[1] ?? "", 8).toString(16)}}`);
  const group = inClass ? null : /^\\([1-9]\d?)/.exec(rest);
  if (group !== null) return take(group[0].length, `(?:\\${group[1]})`);
  const char = String.fromCodePoint(rest.codePointAt(1) ?? 0);
  const known = inClass ? "bdDsSwWfnrtv" : "bBdDsSwWfnrtv";
  if (known.includes(char)) return take(2, `\\${char}`);
  if (char === "a" || (!inClass && Object.hasOwn(CONTROL, char))) return take(2, CONTROL[char] ?? "");
  if (/[A-Za-z0-9]/.test(char)) throw new ExpressionError(`“\\${char}” has no meaning`, at);
  return take(1 + char.length, /[\\^$.*+?()[\]{}|/-]/.test(char) && (inClass || char !== "-") ? `\\${char}` : char);
}
