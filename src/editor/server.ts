// The language server: what the editor says becomes texts and questions, and what is found out becomes answers. It ends
// with the editor.

import { fileURLToPath } from "node:url";
import {
  CodeActionKind,
  type Connection,
  createConnection,
  DidChangeWatchedFilesNotification,
  ErrorCodes,
  type InitializeParams,
  type InitializeResult,
  ResponseError,
  type TextDocumentPositionParams,
  TextDocumentSyncKind,
  TextDocuments,
  type WorkspaceEdit,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Machine } from "../config/session.ts";
import { VERSION } from "../facts/version.ts";
import { Failure } from "../report/failure.ts";
import { complete } from "./completion.ts";
import { definitionsOf } from "./definition.ts";
import { uriOf } from "./diagnostics.ts";
import { fixesFor } from "./fixes.ts";
import { formatted } from "./formatting.ts";
import { hoverText } from "./hover.ts";
import { type FileKind, kindOfFile, type Place, placeAt } from "./place.ts";
import { rootOf } from "./projects.ts";
import { canRename, renaming } from "./rename.ts";
import { openTexts } from "./texts.ts";
import { watchProjects } from "./watch.ts";

export interface ServerOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Its programs are run at every change: see remembering(). */
  readonly machine: Machine;
  /** The user's package cache. */
  readonly packageCache: string;
}

/** Files that say something when they come, change or go. */
const WATCHED = ["**/*.conf", "**/mkosi.*", "**/mkosi.*/**"];

/** Serves until the editor says goodbye or goes away, which ends the process. */
export function serve({ input, output, machine, packageCache }: ServerOptions): void {
  const connection: Connection = createConnection(input, output);
  const { console: log } = connection;
  const texts = openTexts();
  const documents = new TextDocuments(TextDocument);
  const projects = watchProjects(machine, texts, {
    publish: (path, diagnostics) =>
      void connection.sendDiagnostics({ uri: uriOf(path), diagnostics: [...diagnostics] }),
    defect: (error) => log.error(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  });
  let renamesFiles = false;
  let watches = false;

  connection.onInitialize(({ capabilities }: InitializeParams): InitializeResult => {
    renamesFiles = capabilities.workspace?.workspaceEdit?.resourceOperations?.includes("rename") === true;
    watches = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    return {
      serverInfo: { name: "mkosi", version: VERSION },
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        completionProvider: { triggerCharacters: ["=", "[", "%", "/", ",", "|", "!"] },
        hoverProvider: true,
        definitionProvider: true,
        documentFormattingProvider: true,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
        renameProvider: { prepareProvider: true },
      },
    };
  });
  connection.onInitialized(() => {
    if (!watches) return;
    const watchers = WATCHED.map((globPattern) => ({ globPattern }));
    void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
  });

  documents.onDidChangeContent(({ document }) => {
    const path = pathOf(document.uri);
    if (path === undefined) return;
    texts.set(path, document.getText());
    projects.changed(path);
  });
  documents.onDidClose(({ document }) => {
    const path = pathOf(document.uri);
    if (path === undefined) return;
    texts.set(path, undefined);
    projects.closed(path);
  });
  documents.onDidSave(() => projects.changedOnDisk());
  connection.onDidChangeWatchedFiles(() => projects.changedOnDisk());

  /** What is at a place of an open file; undefined for files that are not open. */
  const lookUp = ({
    textDocument,
    position,
  }: TextDocumentPositionParams): { place: Place; path: string; kind: FileKind } | undefined => {
    const path = pathOf(textDocument.uri);
    const text = path === undefined ? undefined : texts.get(path);
    if (path === undefined || text === undefined) return undefined;
    const kind = kindOfFile(path);
    return { place: placeAt(text, kind, position.line, position.character), path, kind };
  };

  connection.onCompletion((params) => {
    const found = lookUp(params);
    if (found === undefined) return null;
    const { place, path, kind } = found;
    return complete(place, { path, kind, line: params.position.line, loaded: projects.latest(path), packageCache });
  });
  connection.onHover(async (params) => {
    const found = lookUp(params);
    if (found === undefined) return null;
    const { place, path, kind } = found;
    const value = hoverText(place, kind, path, await projects.settled(path));
    return value === undefined || value === "" ? null : { contents: { kind: "markdown", value } };
  });
  connection.onDefinition(async (params) => {
    const found = lookUp(params);
    if (found === undefined) return null;
    const { place, path } = found;
    return definitionsOf(place, path, params.position.line, await projects.settled(path)).map((target) => {
      const position = { line: target.line - 1, character: target.column - 1 };
      return { uri: uriOf(target.path), range: { start: position, end: position } };
    });
  });
  connection.onDocumentFormatting(({ textDocument }) => {
    const path = pathOf(textDocument.uri);
    const document = documents.get(textDocument.uri);
    return path === undefined || document === undefined ? null : formatted(document, path);
  });
  connection.onCodeAction(async ({ textDocument, range }) => {
    const path = pathOf(textDocument.uri);
    if (path === undefined || texts.get(path) === undefined) return null;
    await projects.settled(path);
    return fixesFor(projects.diagnosticsOf(path), range, textDocument.uri);
  });
  connection.onPrepareRename((params) => {
    const found = lookUp(params);
    if (found === undefined || !canRename(found.place)) return null;
    const { line } = params.position;
    const { start, end, word } = found.place;
    return { range: { start: { line, character: start }, end: { line, character: end } }, placeholder: word };
  });
  connection.onRenameRequest((params): WorkspaceEdit | null => {
    const found = lookUp(params);
    if (found === undefined || !canRename(found.place)) return null;
    if (!renamesFiles) throw new ResponseError(ErrorCodes.InvalidRequest, "this editor cannot rename files");
    texts.beginReading(true);
    try {
      const { edits, files } = renaming(found.place, params.newName, rootOf(found.path));
      return {
        documentChanges: [
          ...[...edits].map(([path, pieces]) => ({
            textDocument: { uri: uriOf(path), version: documents.get(uriOf(path))?.version ?? null },
            edits: pieces.map(({ line, start, end }) => ({
              range: { start: { line, character: start }, end: { line, character: end } },
              newText: params.newName,
            })),
          })),
          ...files.map(({ from, to }) => ({ kind: "rename" as const, oldUri: uriOf(from), newUri: uriOf(to) })),
        ],
      };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw new ResponseError(ErrorCodes.InvalidParams, error.message);
    }
  });

  documents.listen(connection);
  connection.listen();
}

/** The file that a URI names; undefined for what is in no file. */
function pathOf(uri: string): string | undefined {
  if (!uri.startsWith("file:")) return undefined;
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}
