// ForwardJournal=: what journald in the guest sends over the vsock is written on the host by systemd-journal-remote.

import { mkdir } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../report/failure.ts";
import { bind, type Mount } from "../sandbox/spec.ts";
import { findInToolbox, inside, type MachineContext } from "./context.ts";
import { startHelper } from "./helper.ts";
import { connectTo, listenAt } from "./socket.ts";
import { type Vsock, whatVsockLacks } from "./vsock.ts";

const PROGRAM = "/usr/lib/systemd/systemd-journal-remote";
const SOCKET = "journal";
const OUTPUT_INSIDE = "/journal";
/** What the guest had sent when it ended has been written by then. */
const WRITTEN_WITHIN_MS = 3000;

export interface ForwardedJournal extends AsyncDisposable {
  /** Value of the journal.forward_to_socket credential. */
  readonly address: string;
}

/** Whether a path given for ForwardJournal= is one file; else it is a directory of files. */
export function isJournalFile(path: string): boolean {
  return path.endsWith(".journal");
}

/** The options by which systemd-nspawn and systemd-vmspawn forward a journal, with our limits. */
export function journalArguments(path: string): string[] {
  return [
    `--forward-journal=${path}`,
    ...["--forward-journal-max-use=1T", "--forward-journal-keep-free=1G", "--forward-journal-max-file-size=4G"],
    `--forward-journal-max-files=${isJournalFile(path) ? 1 : 100}`,
  ];
}

/**
 * Starts to receive the guest's journal. Disposing of the result waits until everything that was sent is written.
 * @returns undefined when none is wanted
 * @throws {Failure} without systemd-journal-remote, or without a vsock
 */
export async function forwardJournal(
  context: MachineContext,
  vsock: Vsock | undefined,
): Promise<ForwardedJournal | undefined> {
  const { config, origin } = context.image;
  if (config.forwardJournal === null) return undefined;
  if (vsock === undefined)
    throw new Failure(`ForwardJournal= takes a vsock, and ${whatVsockLacks(context) ?? "VSock=no"}`, {
      origin: origin("forwardJournal"),
      remedy: "give the machine one (VSock=auto, ToolsTree=default), or remove ForwardJournal=",
    });
  if (findInToolbox(context.toolbox, [PROGRAM]) === undefined)
    throw new Failure("ForwardJournal= takes systemd-journal-remote, which is not installed", {
      origin: origin("forwardJournal"),
      remedy: "install it (Debian: systemd-journal-remote), use ToolsTree=default, or remove ForwardJournal=",
    });
  const { path, address } = await vsock.inlet();
  await startReceiver(context, config.forwardJournal);
  return { address, ...(await relay(path, join(context.directory, SOCKET))) };
}

async function startReceiver(context: MachineContext, path: string): Promise<void> {
  const single = isJournalFile(path);
  const directory = single ? dirname(path) : path;
  await mkdir(directory, { recursive: true });
  // A file cannot be larger than 4 GiB; nothing that a machine has logged is to be lost to a smaller limit.
  const limits = `[Remote]\nMaxUse=1T\nKeepFree=1G\nMaxFileSize=4G\nMaxFiles=${single ? 1 : 100}\n`;
  const mounts: Mount[] = [
    bind(directory, OUTPUT_INSIDE),
    { type: "file", content: limits, target: "/etc/systemd/journal-remote.conf" },
  ];
  await startHelper(context, {
    name: "systemd-journal-remote",
    argv: [
      ...[PROGRAM, `--listen-raw=${inside(SOCKET)}`, `--split-mode=${single ? "none" : "host"}`],
      `--output=${single ? join(OUTPUT_INSIDE, basename(path)) : OUTPUT_INSIDE}`,
    ],
    mounts,
    socket: SOCKET,
    // A journal file that nobody has closed is set aside by who opens it next.
    endsOrderly: true,
    remedy: "remove ForwardJournal= to do without",
  });
}

/** Hands every connection on, and so knows when the other side has read all of it. */
async function relay(from: string, to: string): Promise<AsyncDisposable> {
  const open = new Set<Promise<void>>();
  const sockets = new Set<Socket>();
  const server = createServer((guest) => {
    const receiver = connectTo(to);
    for (const socket of [guest, receiver]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => sockets.delete(socket));
    }
    guest.pipe(receiver);
    const read = new Promise<void>((resolve) => {
      receiver.once("close", () => {
        guest.destroy();
        resolve();
      });
    });
    open.add(read);
    void read.then(() => open.delete(read));
  });
  await listenAt(server, from);
  return {
    async [Symbol.asyncDispose]() {
      const timeout = new AbortController();
      await Promise.race([
        Promise.all(open),
        delay(WRITTEN_WITHIN_MS, undefined, { signal: timeout.signal }).catch(() => {}),
      ]);
      timeout.abort();
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
