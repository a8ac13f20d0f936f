// Quick fixes: what the remedy of a diagnostic says, as a change of the text at its place.

import { type CodeAction, CodeActionKind, type Range } from "vscode-languageserver/node";
import type { Diagnostic } from "../config/diagnostics.ts";
import { type Placed, shown } from "./diagnostics.ts";

export interface Fix {
  readonly title: string;
  /** The text at the diagnostic's place that is replaced, and what comes instead. */
  readonly wrong: string;
  readonly right: string;
}

/** The fixes of what was found in a file, as far as it is in a range. */
export function fixesFor(found: readonly Placed[], range: Range, uri: string): CodeAction[] {
  return found.flatMap((placed): CodeAction[] => {
    const { start, end } = placed.range;
    const fix = fixOf(placed.diagnostic, placed.text);
    if (fix === undefined || isBefore(end, range.start) || isBefore(range.end, start)) return [];
    const wrong = { start, end: { line: start.line, character: start.character + fix.wrong.length } };
    return [
      {
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [shown(placed)],
        isPreferred: true,
        edit: { changes: { [uri]: [{ range: wrong, newText: fix.right }] } },
      },
    ];
  });
}

function isBefore(left: Range["start"], right: Range["start"]): boolean {
  return left.line < right.line || (left.line === right.line && left.character < right.character);
}

/** The fix of a diagnostic whose place begins with `text`, the rest of its line; undefined when there is none. */
export function fixOf({ message, remedy }: Diagnostic, text: string): Fix | undefined {
  const right = replacement(message, remedy);
  if (right === undefined) return undefined;
  const wrong = wrongText(message, text);
  if (wrong === undefined || wrong === right) return undefined;
  return { title: `Replace ${wrong} by ${right}`, wrong, right };
}

function replacement(message: string, remedy: string | undefined): string | undefined {
  const renamed = /^\S+= is now called (\w+)=$/.exec(message)?.[1];
  if (renamed !== undefined) return renamed;
  const plain = /^“@” in front of (\w+) has no effect any more$/.exec(message)?.[1];
  if (plain !== undefined) return plain;
  const meant = /Did you mean (?:“([^”]+)”|\[([^\]]+)\]|([^\s=?]+)=?)\?/.exec(remedy ?? "");
  return meant?.[1] ?? (meant?.[2] === undefined ? meant?.[3] : `[${meant[2]}]`);
}

/** What is wrong: a section or setting that the place begins with, or what the message quotes. */
function wrongText(message: string, text: string): string | undefined {
  const section = /^\[[^\]]*\]/.exec(text)?.[0];
  if (section !== undefined && message.startsWith("[")) return section;
  const name = /^([^\s=“]+)= /.exec(message)?.[1] ?? (message.startsWith("“@”") ? /^@\w+/.exec(text)?.[0] : undefined);
  if (name !== undefined && text.startsWith(name)) return name;
  return [...message.matchAll(/“([^”]+)”/g)].map(([, quoted = ""]) => quoted).find((quoted) => text.startsWith(quoted));
}
