// Checks that a run has left nothing behind: no mounts, no processes, no workspaces.

import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

export interface Snapshot {
  /** What is there now and was not then; waits some seconds for what is still ending. */
  leftovers(patience?: number): Promise<string[]>;
}

/** @param directories in which nothing new may be there afterwards, apart from the names in `allowed` */
export function takeSnapshot(directories: readonly string[] = [], allowed: readonly string[] = []): Snapshot {
  const before = new Set(state(directories, allowed));
  return {
    async leftovers(patience = 5) {
      let left: string[] = [];
      for (let attempt = 0; attempt < patience * 10; attempt++) {
        left = state(directories, allowed).filter((entry) => !before.has(entry));
        if (left.length === 0) break;
        await new Promise((done) => setTimeout(done, 100));
      }
      return left;
    },
  };
}

function state(directories: readonly string[], allowed: readonly string[]): string[] {
  return [
    ...mounts(),
    ...strays(),
    ...["/var/tmp", ...directories].flatMap((directory) =>
      namesIn(directory)
        .filter((name) => (directory === "/var/tmp" ? name.startsWith("mkosi-workspace-") : !allowed.includes(name)))
        .map((name) => `file ${join(directory, name)}`),
    ),
  ];
}

function namesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

function mounts(): string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").trim().split("\n");
  return lines.map((line) => `mount ${line.split(" ")[4]}`);
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly foreign: boolean;
}

/**
 * Processes of no living mkosi: they are in a mount namespace that is not ours, or are mkosi itself, and their
 * parents are gone (or are this process, which waits for what it starts).
 */
function strays(): string[] {
  const processes = new Map(listProcesses().map((entry) => [entry.pid, entry]));
  const ours = (entry: Process) => entry.foreign || /bin\/mkosi|dist\/main\.js/.test(entry.command);
  return [...processes.values()].filter(ours).flatMap((entry) => {
    let top = entry;
    for (
      let parent = processes.get(top.parent);
      parent !== undefined && ours(parent);
      parent = processes.get(top.parent)
    )
      top = parent;
    return top.parent <= 1 || top.parent === process.pid ? [`process ${entry.pid} ${entry.command}`] : [];
  });
}

function listProcesses(): Process[] {
  const namespace = readlinkSync("/proc/self/ns/mnt");
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const [processState, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        if (processState === "Z") return [];
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        return [
          {
            pid: Number(name),
            parent: Number(parent),
            command,
            foreign: readlinkSync(`/proc/${name}/ns/mnt`) !== namespace,
          },
        ];
      } catch {
        return []; // it has ended, or is another user's
      }
    });
}
