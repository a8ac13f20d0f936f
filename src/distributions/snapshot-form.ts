// How each distribution calls the states of its repositories that Snapshot= takes: known before anything is asked of a server.

import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";

export interface SnapshotForm {
  readonly pattern: RegExp;
  readonly example: string;
}

/** Debian's and Ubuntu's: a time in UTC. */
export const TIME: SnapshotForm = { pattern: /^\d{8}T\d{6}Z$/, example: "20260101T000000Z" };
/** Arch's: a day. The archive also has names for the latest ones. */
export const DAY: SnapshotForm = { pattern: /^(?:\d{4}\/\d\d\/\d\d|last|week|month)$/, example: "2026/01/01" };
/** openSUSE's. */
export const TUMBLEWEED: SnapshotForm = { pattern: /^\d{8}$/, example: "20260101" };
/** What Fedora and CentOS call a run that makes all repositories: a day, a letter for its kind, and a number. */
export const RAWHIDE: SnapshotForm = { pattern: /^\d{8}\.[a-z]+\.\d+$/, example: "20260101.n.0" };
export const STREAM: SnapshotForm = { pattern: /^\d{8}(?:\.[a-z]+)?\.\d+$/, example: "20260101.0" };

/** Checks what Snapshot= says. @throws {Failure} when no snapshot of the distribution has such a name */
export function checkSnapshot({ config, origin }: Image, prettyName: string, { pattern, example }: SnapshotForm): void {
  const { snapshot } = config;
  if (!snapshot || config.localMirror || pattern.test(snapshot)) return;
  throw new Failure(`${prettyName} has no snapshot ${JSON.stringify(snapshot)}`, {
    origin: origin("snapshot"),
    remedy: `Snapshot= takes one such as ${example} there; mkosi latest-snapshot prints the newest`,
  });
}
