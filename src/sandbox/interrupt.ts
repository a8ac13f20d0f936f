// One signal for "stop everything": Ctrl-C, SIGTERM, SIGHUP, or the death of the process that started us.

import { Socket } from "node:net";
import { ExitStatus } from "../report/failure.ts";

let controller: AbortController | undefined;
let terminator: AbortController | undefined;
/** How many programs have the terminal to themselves. */
let held = 0;

/** Aborts on the first of SIGINT, SIGTERM and SIGHUP; its reason is the ExitStatus (128 + signal) to end with. */
export function interruption(): AbortSignal {
  if (controller !== undefined) return controller.signal;
  const abort = new AbortController();
  controller = abort;
  for (const [signal, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
    ["SIGHUP", 1],
  ] as const) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || held === 0) abort.abort(new ExitStatus(128 + number));
    });
  }
  return abort.signal;
}

/** Until the result is disposed of, Ctrl-C is not for us: a shell in the middle of a build has the terminal. */
export function holdInterrupt(): Disposable {
  held++;
  return { [Symbol.dispose]: () => void held-- };
}

/**
 * The same for SIGTERM and SIGHUP only: for a program that has the terminal. Ctrl-C goes to all processes there, and it is
 * that program which knows what it means: a shell or a pager goes on.
 */
export function termination(): AbortSignal {
  interruption(); // else Ctrl-C would end us
  if (terminator !== undefined) return terminator.signal;
  const abort = new AbortController();
  terminator = abort;
  for (const [signal, number] of [
    ["SIGTERM", 15],
    ["SIGHUP", 1],
  ] as const) {
    process.on(signal, () => abort.abort(new ExitStatus(128 + number)));
  }
  return abort.signal;
}

/** Treats the end of a pipe from the parent as SIGHUP, so that we end when the parent is killed outright. */
export function watchParent(descriptor: number): Socket {
  const socket = new Socket({ fd: descriptor, readable: true, writable: true });
  socket.on("close", () => process.emit("SIGHUP"));
  socket.on("error", () => {});
  socket.resume();
  socket.unref();
  return socket;
}
