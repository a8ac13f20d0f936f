// Connects the caller's terminal with the guest's console. QEMU talks to us over a socket and never sees the terminal,
// so that it is put back in order however QEMU ends.

import { createServer, type Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { listenAt } from "./socket.ts";

/** The caller's terminal, or whatever stands in its place. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly output: Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };
}

export interface GuestConsole extends AsyncDisposable {
  /** Resolves when the user has asked to end the machine. */
  readonly escaped: Promise<void>;
  /** Milliseconds since the epoch of the first output, undefined before. */
  firstOutput(): number | undefined;
}

const ESCAPE = 0x1d; // Ctrl-]
const ESCAPE_PRESSES = 3;
const ESCAPE_WITHIN_MS = 1000;
/** Attributes off, cursor shown, lines wrapped: what a guest that dies leaves changed. */
const RESTORE = "\x1b[0m\x1b[?25h\x1b[?7h";

/**
 * Waits on a unix socket for QEMU's console and passes its output to the terminal; what is typed goes to the guest
 * unless `readOnly`. Ctrl-] three times within a second asks for the end, as with systemd-nspawn.
 */
export async function openConsole(path: string, terminal: Terminal, readOnly: boolean): Promise<GuestConsole> {
  const { input, output } = terminal;
  let guest: Socket | undefined;
  let first: number | undefined;
  let escape: () => void = () => {};
  const escaped = new Promise<void>((resolve) => {
    escape = resolve;
  });
  const presses: number[] = [];

  const onInput = (chunk: Buffer): void => {
    for (const byte of chunk) {
      if (byte !== ESCAPE) presses.length = 0;
      else presses.push(Date.now());
      if (presses.length >= ESCAPE_PRESSES && Date.now() - (presses.at(-ESCAPE_PRESSES) ?? 0) <= ESCAPE_WITHIN_MS)
        escape();
    }
    guest?.write(chunk);
  };
  const onOutput = (chunk: Buffer): void => {
    first ??= Date.now();
    if (output.write(chunk) || guest === undefined) return;
    const paused = guest.pause();
    output.once("drain", () => paused.resume());
  };
  // Whoever read our output may stop reading; the machine goes on without an audience.
  const onOutputError = (): void => void guest?.resume();

  const server = createServer((socket) => {
    guest = socket;
    server.close();
    socket.on("data", onOutput);
    socket.on("error", () => {});
    if (readOnly) return;
    if (input.isTTY === true) input.setRawMode?.(true);
    input.on("data", onInput);
  });
  output.on("error", onOutputError);
  await listenAt(server, path);
  return {
    escaped,
    firstOutput: () => first,
    async [Symbol.asyncDispose]() {
      server.close();
      if (guest !== undefined && !guest.destroyed) await flushed(guest);
      guest?.destroy();
      output.off("error", onOutputError);
      input.off("data", onInput);
      input.pause();
      if (!readOnly && input.isTTY === true) input.setRawMode?.(false);
      if (guest !== undefined && output.isTTY === true) output.write(RESTORE);
    },
  };
}

/** Gives output that is on its way the time to arrive after QEMU has ended. */
async function flushed(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 200);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Size and kind of the terminal, with a VT220's when there is none. */
export function terminalSize(
  { output }: Terminal,
  term: string | undefined,
): { columns: number; rows: number; term: string } {
  return {
    columns: output.columns ?? 80,
    rows: output.rows ?? 24,
    term: term ?? (output.isTTY === true ? "vt220" : "dumb"),
  };
}
