// Peak memory of a program's own processes, without the tools that it runs, by looking at /proc again and again.

import { readdirSync, readFileSync } from "node:fs";

const INTERVAL_MS = 10;

export interface MemoryWatch {
  /** Ends the watch; returns the peak in bytes. */
  stop(): number;
}

/**
 * Watches a process and its descendants. Anonymous pages that forks share count once, and so does the interpreter's
 * binary with its libraries, however many processes have it mapped.
 * @param counts whether a process with this command line is the program itself
 */
export function watchMemory(pid: number, counts: (command: readonly string[]) => boolean): MemoryWatch {
  let peak = 0;
  const look = () => {
    const own = family(pid).filter((member) => counts(commandOf(member)));
    const parts = own.map(memoryOf);
    const anonymous = parts.reduce((sum, part) => sum + part.anonymous, 0);
    peak = Math.max(peak, anonymous + Math.max(0, ...parts.map((part) => part.files)));
  };
  const timer = setInterval(look, INTERVAL_MS);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

function family(pid: number): number[] {
  return [pid, ...threads(pid).flatMap(children).flatMap(family)];

  // Children belong to the thread that started them.
  function children(thread: string): number[] {
    return read(`/proc/${pid}/task/${thread}/children`).split(" ").filter(Boolean).map(Number);
  }
}

function threads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function commandOf(pid: number): string[] {
  return read(`/proc/${pid}/cmdline`).split("\0");
}

/** Bytes of anonymous memory (shared pages in proportion) and of mapped files. */
function memoryOf(pid: number): { readonly anonymous: number; readonly files: number } {
  const rollup = read(`/proc/${pid}/smaps_rollup`);
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(rollup)?.[1] ?? 0) * 1024;
  return { anonymous: field("Pss_Anon"), files: field("Rss") - field("Anonymous") };
}

/** Processes come and go between two looks. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
