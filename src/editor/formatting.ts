// The layout of `mkosi fmt` for a text in the editor.

import { type TextEdit } from "vscode-languageserver/node";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { layOutConfig } from "../config/layout.ts";
import { layOutUnit } from "../config/unit-layout.ts";
import { kindOfFile } from "./place.ts";

/** The changes that give it to a document; none when it has it. */
export function formatted(document: TextDocument, path: string): TextEdit[] {
  const before = document.getText();
  const after = kindOfFile(path) === "definition" ? layOutUnit(before) : layOutConfig(before);
  if (after === before) return [];
  return [{ range: { start: { line: 0, character: 0 }, end: document.positionAt(before.length) }, newText: after }];
}
