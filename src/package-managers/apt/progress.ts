// What apt and dpkg are busy with, told from their status lines (README.progress-reporting of apt, --status-fd of
// dpkg). They are written to a file, so that the tool's output stays as it is in the log.

import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bind, type Mount } from "../../sandbox/spec.ts";
import type { ImageContext } from "../../tools/context.ts";

const INTERVAL_MS = 200;
const FILE = "/run/mkosi-apt-status";
/** Away from 3, which debconf takes for itself. */
export const STATUS_DESCRIPTOR = 9;

const REDIRECT = `exec "$@" ${STATUS_DESCRIPTOR}>>${FILE}`;

export interface Watch extends AsyncDisposable {
  readonly mount: Mount;
  /** Wraps an apt command so that it writes its status. */
  wrap(argv: readonly string[]): string[];
  /** The command for a shell script whose programs write their status to STATUS_DESCRIPTOR. */
  wrapShell(script: string): string[];
}

/** Watches one apt run until it is disposed of. `total`: how many packages it will install, when that is known. */
export async function watchStatus(context: ImageContext, total?: number): Promise<Watch> {
  const path = join(context.scratch, `apt-status-${process.hrtime.bigint()}`);
  await writeFile(path, "");
  const file = await open(path, "r");
  const tracker = new StatusTracker(total);
  const decoder = new TextDecoder();
  let rest = "";
  let reading = false;
  async function read(): Promise<void> {
    if (reading) return;
    reading = true;
    try {
      const buffer = Buffer.alloc(64 * 1024);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      const lines = (rest + decoder.decode(buffer.subarray(0, bytesRead), { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) tracker.add(line);
      if (bytesRead > 0 && tracker.detail !== undefined) context.report.progress(tracker.detail);
    } finally {
      reading = false;
    }
  }
  const timer = setInterval(() => void read().catch(() => clearInterval(timer)), INTERVAL_MS);
  return {
    mount: bind(path, FILE),
    wrap: ([program = "", ...rest]) => [
      "sh",
      "-c",
      REDIRECT,
      "sh",
      program,
      `--option=APT::Status-Fd=${STATUS_DESCRIPTOR}`,
      ...rest,
    ],
    wrapShell: (script) => ["sh", "-c", REDIRECT, "sh", "sh", script],
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await file.close();
    },
  };
}

/** Turns status lines into one sentence about the present. */
export class StatusTracker {
  detail: string | undefined;
  readonly #total: number | undefined;
  readonly #unpacked = new Set<string>();
  readonly #installed = new Set<string>();

  constructor(total?: number) {
    this.#total = total;
  }

  add(line: string): void {
    const [kind, subject, percent, ...text] = line.split(":");
    const message = text.join(":").trim();
    if (kind === "dlstatus") {
      const file = /file (\d+) of (\d+)/.exec(message);
      this.detail =
        file === null ? `downloading ${Math.floor(Number(percent))} %` : `downloading ${file[1]} of ${file[2]}`;
    } else if (kind === "pmstatus" && message !== "") {
      this.detail = message.replace(/ \([a-z0-9-]+\)$/, "");
    } else if (kind === "status" && subject !== undefined) {
      // dpkg's own lines, see its --status-fd: `status: bash:amd64: installed`
      const state = text.length === 0 ? percent?.trim() : message;
      this.#packages(subject.trim(), state ?? "");
    }
  }

  #packages(name: string, state: string): void {
    if (state === "unpacked") this.#unpacked.add(name);
    if (state === "installed") this.#installed.add(name);
    const total = this.#total === undefined ? "" : ` of ${this.#total}`;
    // every package is unpacked and configured: what has come further is what one wants to know
    if (this.#installed.size > 0) this.detail = `${this.#installed.size}${total} packages`;
    else if (this.#unpacked.size > 0) this.detail = `unpacked ${this.#unpacked.size}${total} packages`;
  }
}
