// Hears what systemd in the guest says about itself: that it is up, and the status it ends with. It connects to the
// vmm.notify_socket credential's address (see systemd.system-credentials(7)) and sends lines of NAME=VALUE.

import { createServer, type Socket } from "node:net";
import { listenAt } from "./socket.ts";

/** A message is complete when nothing has come for this long; the guest waits for us to hang up. */
const IDLE_MS = 20;

export interface GuestNotifications extends AsyncDisposable {
  /** What the guest has said so far; of several values of one name the last. */
  readonly state: ReadonlyMap<string, string>;
  /** Resolves when the guest has finished starting. */
  readonly ready: Promise<void>;
  /** Resolves when the messages of all open connections have been read. */
  drain(): Promise<void>;
}

/** Listens on a unix socket that guests' connections end up at. */
export async function listenForNotifications(path: string): Promise<GuestNotifications> {
  const state = new Map<string, string>();
  const open = new Set<Socket>();
  let becomeReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    becomeReady = resolve;
  });
  const server = createServer((socket) => {
    open.add(socket);
    let text = "";
    let timer: NodeJS.Timeout | undefined;
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
      clearTimeout(timer);
      timer = setTimeout(() => socket.end(), IDLE_MS);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      open.delete(socket);
      for (const [name, value] of parseNotification(text)) state.set(name, value);
      if (state.get("READY") === "1") becomeReady();
    });
  });
  await listenAt(server, path);
  return {
    state,
    ready,
    async drain() {
      await Promise.all(
        [...open].map((socket) => new Promise<void>((resolve) => void socket.once("close", () => resolve()))),
      );
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

/** The NAME=VALUE lines of a message. */
export function parseNotification(text: string): [string, string][] {
  return text.split("\n").flatMap((line): [string, string][] => {
    const equals = line.indexOf("=");
    return equals <= 0 ? [] : [[line.slice(0, equals), line.slice(equals + 1)]];
  });
}

/** The status that the guest's systemd was asked to end with; 0 when it said none. */
export function guestExitStatus(state: ReadonlyMap<string, string>): number {
  const status = Number(state.get("EXIT_STATUS") ?? "0");
  return Number.isInteger(status) && status >= 0 && status <= 255 ? status : 1;
}
