import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openConsole, type Terminal } from "../../src/machines/console.ts";

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), "console-")), "s");
});
afterEach(() => rmSync(join(path, ".."), { recursive: true }));

function terminal(): {
  readonly terminal: Terminal;
  readonly keys: PassThrough;
  readonly shown: () => string;
  readonly raw: boolean[];
} {
  const raw: boolean[] = [];
  const keys = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (value: boolean) => raw.push(value) });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  let shown = "";
  output.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
  });
  return { terminal: { input: keys, output }, keys, shown: () => shown, raw };
}

async function guest(): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect(path);
  await new Promise((resolve) => socket.once("connect", resolve));
  let received = "";
  socket.on("data", (chunk: Buffer) => {
    received += chunk.toString();
  });
  return { socket, received: () => received };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 30));

test("passes both ways and puts the terminal back in order", async () => {
  const side = terminal();
  const console = await openConsole(path, side.terminal, false);
  const { socket, received } = await guest();
  await settle();
  expect(side.raw).toEqual([true]);
  socket.write("login: ");
  side.keys.write("root\r");
  await settle();
  expect(side.shown()).toBe("login: ");
  expect(received()).toBe("root\r");
  expect(console.firstOutput()).toBeTypeOf("number");
  socket.destroy();
  await console[Symbol.asyncDispose]();
  expect(side.raw).toEqual([true, false]);
  expect(side.shown()).toContain("\x1b[?25h");
});

test("shows the last words of a guest that is gone", async () => {
  const side = terminal();
  const console = await openConsole(path, side.terminal, false);
  const { socket } = await guest();
  await settle();
  socket.end("x".repeat(300_000));
  await console[Symbol.asyncDispose]();
  expect(side.shown().startsWith("x".repeat(300_000))).toBe(true);
});

test("a read-only console leaves the keys alone", async () => {
  const side = terminal();
  await using _console = await openConsole(path, side.terminal, true);
  const { socket, received } = await guest();
  side.keys.write("halt\r");
  await settle();
  expect(received()).toBe("");
  expect(side.raw).toEqual([]);
  socket.destroy();
});

test("Ctrl-] three times asks for the end, twice does not", async () => {
  const side = terminal();
  await using console = await openConsole(path, side.terminal, false);
  const { socket } = await guest();
  await settle();
  let escaped = false;
  void console.escaped.then(() => {
    escaped = true;
  });
  side.keys.write("\x1d\x1dx\x1d");
  await settle();
  expect(escaped).toBe(false);
  side.keys.write("\x1d\x1d");
  await settle();
  expect(escaped).toBe(true);
  socket.destroy();
});
