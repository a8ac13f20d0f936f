// A minimal client of the QEMU Machine Protocol: enough to let a machine go, to watch what becomes of it, and to end it.
// We listen and QEMU connects, so there is nothing to poll for. Follows the "QEMU Machine Protocol Specification".

import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { listenAt } from "./socket.ts";

export interface QmpEvent {
  readonly event: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** QEMU's answer to a command was an error. */
export class QmpError extends Error {
  override readonly name = "QmpError";
  /** `GenericError`, `CommandNotFound`, … */
  readonly errorClass: string;

  constructor(command: string, errorClass: string, description: string) {
    super(`${command}: ${description}`);
    this.errorClass = errorClass;
  }
}

export interface QmpClient {
  /**
   * Runs a command and returns its result.
   * @throws {QmpError} when QEMU refuses, or is gone
   */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Calls back for every event from now on. */
  onEvent(listener: (event: QmpEvent) => void): void;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
}

export interface QmpListener extends AsyncDisposable {
  /** Resolves with the first client, when it can take commands. */
  readonly connected: Promise<QmpClient>;
}

/** Listens on a unix socket for one QEMU (`-chardev socket,id=qmp,path=… -qmp chardev:qmp`). */
export async function listenForQmp(path: string): Promise<QmpListener> {
  const sockets = new Set<Socket>();
  const server = createServer();
  const connected = new Promise<QmpClient>((resolve, reject) => {
    server.once("connection", (socket) => {
      sockets.add(socket);
      server.close();
      qmpClient(socket).then(resolve, reject);
    });
  });
  // Whoever waits for it gets the error; when nobody does, it is no news that a dead QEMU does not negotiate.
  connected.catch(() => {});
  await listenAt(server, path);
  return {
    connected,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

type Message = {
  QMP?: unknown;
  id?: number;
  return?: unknown;
  error?: { class: string; desc: string };
} & Partial<QmpEvent>;

interface Waiting {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Negotiates capabilities on a connection and returns the client. */
export async function qmpClient(socket: Socket): Promise<QmpClient> {
  const waiting = new Map<number, Waiting>();
  const listeners: ((event: QmpEvent) => void)[] = [];
  let lastId = 0;
  let greet: () => void;
  const greeting = new Promise<void>((resolve) => {
    greet = resolve;
  });
  let ended = false;
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => {
      ended = true;
      for (const { command, reject } of waiting.values())
        reject(new QmpError(command, "Disconnected", "QEMU has ended"));
      waiting.clear();
      resolve();
    });
  });
  // A reset of the connection is an end of it like any other: "close" follows. The reader of lines repeats the error.
  socket.on("error", () => {});
  const lines = createInterface({ input: socket });
  lines.on("error", () => {});
  lines.on("line", (line) => {
    const message = parseMessage(line);
    if (message === undefined) return;
    if (message.QMP !== undefined) greet();
    else if (message.event !== undefined) for (const listener of listeners) listener(message as QmpEvent);
    else answer(message);
  });

  function answer(message: Message): void {
    const request = waiting.get(message.id ?? -1);
    if (request === undefined) return;
    waiting.delete(message.id ?? -1);
    if (message.error === undefined) request.resolve(message.return);
    else request.reject(new QmpError(request.command, message.error.class, message.error.desc));
  }

  function execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (ended) {
        reject(new QmpError(command, "Disconnected", "QEMU has ended"));
        return;
      }
      const id = ++lastId;
      waiting.set(id, { command, resolve, reject });
      socket.write(`${JSON.stringify({ execute: command, ...(args === undefined ? {} : { arguments: args }), id })}\n`);
    });
  }

  await Promise.race([greeting, closed]);
  await execute("qmp_capabilities");
  return { execute, closed, onEvent: (listener) => void listeners.push(listener) };
}

function parseMessage(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message;
  } catch {
    return undefined;
  }
}
