// The original mkosi (27.1, Debian forky's package, unpacked) as an oracle for configurations. $MKOSI_PEER names the
// directory it is unpacked in; `./x test` puts it into the user's cache.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export interface PeerCase {
  readonly directory: string;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** A summary, or why it refused; `crash`: with a stack trace. */
export type PeerResult =
  | { readonly summary: Summary; readonly messages: string }
  | { readonly error: string; readonly crash?: boolean };

export interface Summary {
  readonly Images: readonly ImageSummary[];
  readonly Tools: ImageSummary | null;
}

export type ImageSummary = Readonly<Record<string, unknown>>;

function packageDirectory(): string | undefined {
  const candidates = [process.env["MKOSI_PEER"], join(homedir(), ".cache/mkosi-test/peer"), "/tmp/scratch/peer"];
  return candidates
    .filter((path) => path !== undefined)
    .flatMap((path) => [join(path, "usr/lib/python3/dist-packages"), path])
    .find((path) => existsSync(join(path, "mkosi/config.py")));
}

/** Why the original cannot be asked here; undefined when it can. */
export function peerMissing(): string | undefined {
  if (packageDirectory() === undefined)
    return "the original mkosi is not unpacked here ($MKOSI_PEER, ~/.cache/mkosi-test/peer)";
  return spawnSync("python3", ["-c", "import sys; assert sys.version_info >= (3, 10)"]).status === 0
    ? undefined
    : "there is no python3 here";
}

/** Asks it about many projects. `resources` is where its built-in configurations are. */
export function askPeer(cases: readonly PeerCase[]): {
  readonly resources: string;
  readonly results: readonly PeerResult[];
} {
  const run = spawnSync("python3", [join(import.meta.dirname, "peer-driver.py")], {
    input: JSON.stringify(cases),
    env: {
      PATH: process.env["PATH"] ?? "",
      PYTHONPATH: packageDirectory() ?? "",
      PYTHONDONTWRITEBYTECODE: "1",
      LC_ALL: "C.UTF-8",
    },
    encoding: "utf8",
    maxBuffer: 1024 * 1024 * 1024,
  });
  if (run.status !== 0) throw new Error(`the original's driver failed: ${run.stderr}`);
  return JSON.parse(run.stdout) as { resources: string; results: PeerResult[] };
}
