// What apt and dpkg are busy with, told from apt's status lines (APT::Status-Fd, README.progress-reporting of apt).
// They are written to a file, so that the tool's output stays as it is in the log.

import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bind, type Mount } from "../../sandbox/spec.ts";
import type { ImageContext } from "../../tools/context.ts";

const INTERVAL_MS = 200;
const FILE = "/run/mkosi-apt-status";
/** Away from 3, which debconf takes for itself. */
const DESCRIPTOR = 9;

export interface Watch extends AsyncDisposable {
  readonly mount: Mount;
  /** Wraps an apt command so that it writes its status. */
  wrap(argv: readonly string[]): string[];
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
    wrap: (argv) => ["sh", "-c", `exec "$@" ${DESCRIPTOR}>>${FILE}`, "sh", argv[0] ?? "", "-o", `APT::Status-Fd=${DESCRIPTOR}`, ...argv.slice(1)],
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
  readonly #installed = new Set<string>();

  constructor(total?: number) {
    this.#total = total;
  }

  add(line: string): void {
    const [kind, subject, percent, ...text] = line.split(":");
    const message = text.join(":").trim();
    if (kind === "dlstatus") {
      const file = /file (\d+) of (\d+)/.exec(message);
      this.detail = file === null ? `downloading ${Math.floor(Number(percent))} %` : `downloading ${file[1]} of ${file[2]}`;
    } else if (kind === "pmstatus" && subject !== undefined) {
      if (/^Installed /.test(message)) this.#installed.add(subject);
      const done = this.#installed.size;
      if (done > 0 && this.#total !== undefined) this.detail = `${done} of ${this.#total} packages`;
      else this.detail = message.replace(/ \([a-z0-9-]+\)$/, "");
    }
  }
}
