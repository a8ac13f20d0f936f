// Programs of systemd that look at what an image that does not run has left: its journal, in it or forwarded, its core dumps.

import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Image } from "../config/project.ts";
import { isCompressed } from "../outputs/names.ts";
import { Failure } from "../report/failure.ts";
import { bindReadOnly, type Runner, type Toolbox } from "../sandbox/spec.ts";
import { runWithTerminal, setVariables } from "../sandbox/with-terminal.ts";
import { isJournalFile } from "./journal.ts";

export type Inspector = "journalctl" | "coredumpctl";

export interface InspectionContext {
  readonly image: Image;
  /** The image's output. */
  readonly path: string;
  readonly runner: Runner;
  readonly toolbox: Toolbox;
  /** Who has called us. */
  readonly uid: number;
  /** The user's arguments for the program. */
  readonly args: readonly string[];
  readonly signal: AbortSignal;
}

const ROOT = "/image";

const PAGER_VARIABLE = /^(SYSTEMD_(PAGER|LESS|COLORS|URLIFY).*|PAGER|LESS|COLORTERM)$/;

/** What cannot be looked into. @throws {Failure} naming the setting */
export function checkInspectable(image: Image, program: Inspector): void {
  const { name, config, origin } = image;
  if (program === "journalctl" && forwardedJournal(image) !== undefined) return;
  if (config.ephemeral) {
    throw new Failure(`image ${name} is run with Ephemeral=yes, so nothing that ${program} could show stays in it`, {
      origin: origin("ephemeral"),
      remedy: "run it with Ephemeral=no, or let it hand its journal out: ForwardJournal=PATH",
    });
  }
  if (config.format !== "directory" && config.format !== "disk") {
    throw new Failure(`${program} cannot look into image ${name}: its format is ${config.format}`, {
      origin: origin("format"),
      remedy: "build it as directory or disk",
    });
  }
  if (config.format === "disk" && isCompressed(config)) {
    throw new Failure(`image ${name} is compressed, and ${program} cannot look into it`, {
      origin: origin("compressOutput"),
      remedy: "build it with CompressOutput=no",
    });
  }
}

/**
 * Runs the program on the caller's terminal.
 * @returns its exit status
 * @throws {Failure} when the image is not there, or a disk is to be mounted without root
 */
export async function inspect(program: Inspector, context: InspectionContext): Promise<number> {
  const { image, path, runner, toolbox, uid, args, signal } = context;
  checkInspectable(image, program);
  const forwarded = program === "journalctl" ? forwardedJournal(image) : undefined;
  if (forwarded !== undefined) return await runWithTerminal(runner, forwardedSpec(forwarded, toolbox, args), signal);
  if ((await stat(path).catch(() => undefined)) === undefined)
    throw new Failure(`${path} does not exist, so there is nothing to look into`, { remedy: "build and run it first" });
  const isDisk = image.config.format === "disk";
  if (isDisk && uid !== 0) {
    throw new Failure(`${program} mounts the disk to look into it, which takes root`, {
      remedy: `run it as root (sudo mkosi ${program}), or build the image as a directory`,
    });
  }
  const spec = {
    argv: [program, isDisk ? `--image=${path}` : `--root=${ROOT}`, ...args],
    ...(isDisk
      ? { base: { kind: "host", toolbox } as const }
      : { base: { kind: "tools", toolbox } as const, mounts: [bindReadOnly(path, ROOT)] }),
    env: pagerVariables(),
  };
  return await runWithTerminal(runner, spec, signal);
}

/** What the user has said about pagers and colours. */
function pagerVariables(): Record<string, string> {
  return setVariables(process.env, (name) => PAGER_VARIABLE.test(name));
}

/** Where the journal of the runs is, when it was forwarded: all of it, also of machines that have left nothing else. */
function forwardedJournal({ config: { forwardJournal } }: Image): string | undefined {
  return forwardJournal !== null && existsSync(forwardJournal) ? forwardJournal : undefined;
}

function forwardedSpec(path: string, toolbox: Toolbox, args: readonly string[]) {
  const single = isJournalFile(path);
  return {
    argv: ["journalctl", single ? `--file=${join(ROOT, basename(path))}` : `--directory=${ROOT}`, ...args],
    base: { kind: "tools", toolbox },
    mounts: [bindReadOnly(single ? dirname(path) : path, ROOT)],
    env: pagerVariables(),
  } as const;
}
