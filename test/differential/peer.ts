// The original mkosi as an oracle for configurations: many projects are read by one process of it.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { peerDirectory } from "../support/peer.ts";

export { peerMissing } from "../support/peer.ts";

export interface PeerCase {
  readonly directory: string;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Default summary. */
  readonly verb?: string;
  /** Whether its images go through their configure scripts. */
  readonly configure?: boolean;
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

/** Asks it about many projects. `resources` is where its built-in configurations are. */
export function askPeer(cases: readonly PeerCase[]): {
  readonly resources: string;
  readonly results: readonly PeerResult[];
} {
  const run = spawnSync("python3", [join(import.meta.dirname, "peer-driver.py")], {
    input: JSON.stringify(cases),
    env: {
      PATH: process.env["PATH"] ?? "",
      PYTHONPATH: join(peerDirectory(), "usr/lib/python3/dist-packages"),
      PYTHONDONTWRITEBYTECODE: "1",
      LC_ALL: "C.UTF-8",
    },
    encoding: "utf8",
    maxBuffer: 1024 * 1024 * 1024,
  });
  if (run.status !== 0) throw new Error(`the original's driver failed: ${run.stderr}`);
  return JSON.parse(run.stdout) as { resources: string; results: PeerResult[] };
}
