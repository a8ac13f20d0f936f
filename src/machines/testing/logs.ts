// What is kept of a machine under test: its console, its journal and what the test has printed, a directory for each
// machine in IMAGE.test/ beside the image.

import { createWriteStream, type WriteStream, writeFileSync } from "node:fs";
import { mkdir, open, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";
import { removeTree } from "../../sandbox/remove-tree.ts";
import { CHANNELS, type Channel } from "./units.ts";

export interface TestLogs extends AsyncDisposable {
  readonly directory: string;
  /** The file of what is written to a channel. */
  file(channel: Channel): string;
  readonly console: ConsoleLog;
  /** The last lines of what tells most. */
  excerpt(preferred: readonly ("console" | "output" | "journal")[]): Promise<string | undefined>;
  /** The file that has become too large, if one has. */
  flooded(): Promise<string | undefined>;
}

export interface ConsoleLog {
  add(piece: Buffer): void;
  /** Whether a line so far matches. */
  matches(expression: RegExp): boolean;
  /** Forgets what was printed: the machine is started again. */
  restart(): void;
}

const LINES = 10;
/** Characters of a line that are shown. */
const LINE_MAX = 500;
/** Bytes at the end of a file that are looked at for what is shown. */
const TAIL = 64 * 1024;
/** A machine that writes more than this into one of its logs (bytes) would not stop before the disk is full. */
export const LOG_MAX = 1024 ** 3;
/** How much of a console is looked at, and shown. */
const CONSOLE_MAX = 4 * 1024 * 1024;

/** Makes the directory anew. @param result where the runner's lines go, which nobody reads afterwards */
export async function openLogs(directory: string, result: string): Promise<TestLogs> {
  await removeTree(directory);
  await mkdir(directory, { recursive: true });
  const logFile = (name: string) => join(directory, `${name}.log`);
  const file = (channel: Channel) => (channel === "result" ? result : logFile(channel));
  await mkdir(dirname(result), { recursive: true });
  for (const channel of CHANNELS) writeFileSync(file(channel), "");
  const stream = createWriteStream(logFile("console"));
  const printed = consoleLog(stream);
  return {
    directory,
    file,
    console: printed,
    async excerpt(preferred) {
      for (const name of preferred) {
        const text = name === "console" ? printed.text() : await readTail(file(name));
        const lines = plain(text)
          .split("\n")
          .filter((line) => line.trim() !== "");
        if (lines.length > 0) return lines.slice(-LINES).map(shortened).join("\n");
      }
      return undefined;
    },
    async flooded() {
      const files = [...CHANNELS.map(file), logFile("console")];
      const sizes = await Promise.all(files.map(async (path) => (await stat(path).catch(() => undefined))?.size ?? 0));
      return files.find((_, index) => (sizes[index] ?? 0) > LOG_MAX);
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => void stream.end(resolve));
    },
  };
}

function consoleLog(stream: WriteStream): ConsoleLog & { text(): string } {
  let text = "";
  let decoder = new StringDecoder("utf8");
  // A disk that is full is no reason for a test to fail.
  stream.on("error", () => {});
  return {
    add(piece) {
      stream.write(piece);
      text = (text + decoder.write(piece)).slice(-CONSOLE_MAX);
    },
    matches: (expression) =>
      plain(text)
        .split("\n")
        .some((line) => expression.test(line)),
    restart() {
      text = "";
      decoder = new StringDecoder("utf8");
    },
    text: () => text,
  };
}

async function readTail(path: string): Promise<string> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  const length = Math.min(size, TAIL);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.subarray(0, bytesRead).toString("utf8");
}

function shortened(line: string): string {
  return line.length <= LINE_MAX ? line : `${line.slice(0, LINE_MAX)}…`;
}

/** Without colours, and with the line ends of a file. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll("\r", "");
}
