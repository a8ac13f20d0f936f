// An editor as `mkosi lsp` sees one: the real server in a process of its own, and the protocol over its pipes.

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import {
  createProtocolConnection,
  type Diagnostic,
  type Position,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";
import { CHECKOUT } from "./mkosi.ts";

export interface LanguageClient {
  readonly connection: ProtocolConnection;
  readonly child: ChildProcess;
  /** Opens a file of the project, with another text than the disk's when one is given. */
  open(name: string, text?: string): void;
  /** Replaces the text of an open file. */
  change(name: string, text: string): void;
  /** Waits for diagnostics of a file that are told from now on. */
  nextDiagnostics(name: string): Promise<Diagnostic[]>;
  /** What is told of a file at the moment: `LINE:COLUMN-COLUMN MESSAGE`, from 1. */
  told(name: string): string[];
  uri(name: string): string;
  /** `name` and the place of `|` in a line: `at("mkosi.conf", 2, "Pack|ages")` finds the text in the line. */
  at(name: string, line: number, text: string): { textDocument: { uri: string }; position: Position };
  /** Ends it as an editor does, with its exit status. */
  stop(): Promise<number | null>;
}

/** Starts the server for a project; it is killed when the test ends. */
export async function startClient(
  directory: string,
  capabilities: object = { workspace: { workspaceEdit: { resourceOperations: ["rename"] } } },
): Promise<LanguageClient> {
  const { NODE_EXTRA_CA_CERTS: _unset, ...env } = process.env;
  const child = spawn(process.execPath, [join(CHECKOUT, "bin/mkosi"), "lsp"], { cwd: directory, env });
  const ended = new Promise<number | null>((done) => child.on("close", done));
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  onTestFinished(async () => {
    connection.dispose();
    child.kill("SIGKILL");
    await ended;
  });
  child.stdin.on("error", () => {}); // it may have ended
  const texts = new Map<string, { text: string; version: number }>();
  const diagnostics = new Map<string, Diagnostic[]>();
  const waiting = new Map<string, ((found: Diagnostic[]) => void)[]>();
  const uri = (name: string): string => pathToFileURL(join(directory, name)).href;
  connection.onNotification("textDocument/publishDiagnostics", (params: { uri: string; diagnostics: Diagnostic[] }) => {
    diagnostics.set(params.uri, params.diagnostics);
    for (const done of waiting.get(params.uri) ?? []) done(params.diagnostics);
    waiting.delete(params.uri);
  });
  connection.listen();
  await connection.sendRequest("initialize", { processId: process.pid, rootUri: uri("."), capabilities });
  await connection.sendNotification("initialized", {});
  return {
    connection,
    child,
    uri,
    open(name, text = readFileSync(join(directory, name), "utf8")) {
      texts.set(name, { text, version: 1 });
      const textDocument = { uri: uri(name), languageId: "mkosi", version: 1, text };
      void connection.sendNotification("textDocument/didOpen", { textDocument });
    },
    change(name, text) {
      const version = (texts.get(name)?.version ?? 0) + 1;
      texts.set(name, { text, version });
      const textDocument = { uri: uri(name), version };
      void connection.sendNotification("textDocument/didChange", { textDocument, contentChanges: [{ text }] });
    },
    nextDiagnostics: (name) => new Promise((done) => waiting.set(uri(name), [...(waiting.get(uri(name)) ?? []), done])),
    told: (name) =>
      (diagnostics.get(uri(name)) ?? []).map(({ range: { start, end }, message }) => {
        const [first] = (typeof message === "string" ? message : message.value).split("\n");
        return `${start.line + 1}:${start.character + 1}-${end.character + 1} ${first}`;
      }),
    at(name, line, text) {
      const [before = ""] = text.split("|");
      const content = (texts.get(name)?.text ?? "").split("\n")[line - 1] ?? "";
      const start = content.indexOf(text.replace("|", ""));
      if (start < 0) throw new Error(`line ${line} of ${name} has no ${text}: ${content}`);
      return { textDocument: { uri: uri(name) }, position: { line: line - 1, character: start + before.length } };
    },
    async stop() {
      await connection.sendRequest("shutdown");
      await connection.sendNotification("exit");
      return await ended;
    },
  };
}
