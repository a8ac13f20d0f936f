// Errors of the operating system that are nobody's defect: a full disk, a directory one may not write to.

import { Failure } from "./failure.ts";

const MOVE =
  "make room there, or move the work with WorkspaceDirectory=, OutputDirectory=, CacheDirectory= or PackageCacheDirectory=";

const EXPLANATIONS: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  ENOSPC: ["there is no space left", MOVE],
  EDQUOT: ["the disk quota is used up", MOVE],
  EACCES: ["permission denied", "give yourself access to it, or choose another place"],
  EPERM: ["operation not permitted", "give yourself access to it, or choose another place"],
  EROFS: ["the file system is read-only", "choose a place that can be written"],
  ENOTDIR: ["something on the way to it is no directory", "make it a directory, or remove it"],
  EMFILE: ["too many open files", "raise the limit: ulimit -n 65536"],
  EIO: ["input/output error", "check the disk"],
};

/** What a program prints when it meets a full disk; tar only tells how much of a block was written. */
const NO_SPACE = /No space left on device|Disk quota exceeded|Wrote only \d+ of \d+ bytes/;

/** The failure that a system error means to the user; undefined for any other error. */
export function systemFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || error instanceof Failure) return undefined;
  const { code, path, dest, syscall } = error as NodeJS.ErrnoException & { dest?: string };
  if (syscall === "uv_cwd") {
    return new Failure("the current directory does not exist any more", {
      remedy: "go to another one, or use -C",
      cause: error,
    });
  }
  const explanation = EXPLANATIONS[code ?? ""];
  if (explanation === undefined) return undefined;
  const place = dest ?? path;
  return new Failure(place === undefined ? explanation[0] : `${place}: ${explanation[0]}`, {
    remedy: explanation[1],
    cause: error,
  });
}

/** The first of the errors when others came up while it was cleaned up after. */
export function original(error: unknown): unknown {
  return error instanceof Error && error.name === "SuppressedError" && "suppressed" in error
    ? original(error.suppressed)
    : error;
}

/** What to do when a program's output says that the disk is full; undefined when it does not. */
export function noSpaceRemedy(output: string): string | undefined {
  return NO_SPACE.test(output) ? `there is no space left: ${EXPLANATIONS["ENOSPC"]?.[1]}` : undefined;
}
