import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { guestTrouble } from "../../src/machines/accelerator.ts";
import { listenForQmp, type QmpEvent } from "../../src/machines/qmp.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "qmp-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

interface Request {
  readonly execute: string;
  readonly arguments?: unknown;
  readonly id: number;
}

/** Plays QEMU on a real socket: greets, and answers each command with what `answer` returns. */
async function playQemu(path: string, answer: (request: Request) => object | undefined): Promise<Socket> {
  const socket = connect(path);
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write('{"QMP": {"version": {"qemu": {"major": 11}}, "capabilities": []}}\n');
  const lines = createInterface({ input: socket });
  lines.on("error", () => {});
  lines.on("line", (line) => {
    const request = JSON.parse(line) as Request;
    const reply = answer(request);
    if (reply !== undefined) socket.write(`${JSON.stringify({ ...reply, id: request.id })}\n`);
  });
  return socket;
}

test("negotiates, runs commands with arguments, and hands out events", async () => {
  await using listener = await listenForQmp(join(directory, "qmp"));
  const seen: Request[] = [];
  const qemu = await playQemu(join(directory, "qmp"), (request) => {
    seen.push(request);
    return request.execute === "bad"
      ? { error: { class: "GenericError", desc: "no such thing" } }
      : { return: { echo: request.arguments ?? null } };
  });
  const client = await listener.connected;
  const events: QmpEvent[] = [];
  client.onEvent((event) => events.push(event));
  expect(await client.execute("good", { value: 1 })).toEqual({ echo: { value: 1 } });
  await expect(client.execute("bad")).rejects.toThrow("bad: no such thing");
  // A message in pieces, with bytes of one character apart.
  const text = Buffer.from('{"event": "RESET", "data": {"guest": true, "reason": "ä"}}\n');
  const cut = text.indexOf(0xc3) + 1;
  qemu.write(text.subarray(0, cut));
  await new Promise((resolve) => setTimeout(resolve, 20));
  qemu.write(text.subarray(cut));
  await client.execute("sync");
  expect(events).toEqual([{ event: "RESET", data: { guest: true, reason: "ä" } }]);
  expect(seen.map((request) => request.execute)).toEqual(["qmp_capabilities", "good", "bad", "sync"]);
  qemu.destroy();
});

test("commands fail at once when QEMU goes, and after it has gone", async () => {
  await using listener = await listenForQmp(join(directory, "qmp"));
  const qemu = await playQemu(join(directory, "qmp"), (request) =>
    request.execute === "qmp_capabilities" ? { return: {} } : undefined,
  );
  const client = await listener.connected;
  const pending = client.execute("never-answered");
  qemu.destroy();
  await expect(pending).rejects.toThrow("QEMU has ended");
  await client.closed;
  await expect(client.execute("later")).rejects.toThrow("QEMU has ended");
});

test("a listener that nobody connects to is disposed of", async () => {
  const listener = await listenForQmp(join(directory, "qmp"));
  await listener[Symbol.asyncDispose]();
  const again = await listenForQmp(join(directory, "qmp"));
  await again[Symbol.asyncDispose]();
});

test("a socket may have a path that is too long for an address", async () => {
  const deep = join(directory, "x".repeat(120));
  mkdirSync(deep);
  await using listener = await listenForQmp(join(deep, "qmp"));
  symlinkSync(deep, join(directory, "short"));
  const qemu = await playQemu(join(directory, "short/qmp"), () => ({ return: "here" }));
  expect(await (await listener.connected).execute("where")).toBe("here");
  qemu.destroy();
});

test.each([
  ["internal-error", "internal-error"],
  ["guest-panicked", "guest-panicked"],
  ["io-error", "io-error"],
])("a machine that stops with status %s is in trouble", async (status, trouble) => {
  await using listener = await listenForQmp(join(directory, "qmp"));
  const qemu = await playQemu(join(directory, "qmp"), (request) => ({
    return: request.execute === "query-status" ? { status, running: false } : {},
  }));
  const found = guestTrouble(await listener.connected);
  qemu.write('{"event": "STOP"}\n');
  expect(await found).toBe(trouble);
  qemu.destroy();
});

test("a machine that the user pauses is not in trouble, one that resets itself again and again is", async () => {
  await using listener = await listenForQmp(join(directory, "qmp"));
  const qemu = await playQemu(join(directory, "qmp"), () => ({ return: { status: "paused", running: false } }));
  let trouble: string | undefined;
  void guestTrouble(await listener.connected).then((name) => {
    trouble = name;
  });
  const settled = () => new Promise((resolve) => setTimeout(resolve, 30));
  qemu.write('{"event": "STOP"}\n');
  await settled();
  expect(trouble).toBeUndefined();
  const reset = '{"event": "RESET", "data": {"guest": true}}\n';
  qemu.write(reset.repeat(4));
  await settled();
  expect(trouble).toBeUndefined();
  qemu.write(reset);
  await settled();
  expect(trouble).toBe("reset-loop");
  qemu.destroy();
});
