// Options that have no meaning together, or not for the verb.

import { Failure } from "../report/failure.ts";
import type { Arguments } from "./arguments.ts";

/** Verbs that build the image first when they are told to. */
const BUILDING: readonly string[] = ["build", "shell", "boot", "vm", "serve", "burn", "sysupdate"];

/** @throws {Failure} */
export function refuseConflicts({ verb, force, rerunBuildScripts }: Arguments): void {
  if (!rerunBuildScripts || verb === "help" || verb === "version") return;
  const origin = { kind: "option", option: "--rerun-build-scripts" } as const;
  if (!BUILDING.includes(verb)) {
    throw new Failure(`--rerun-build-scripts has no meaning for ${verb}, which builds nothing`, {
      origin,
      remedy: `Leave it out, or use one of the verbs ${BUILDING.join(", ")}.`,
    });
  }
  if (force > 0) {
    throw new Failure("--rerun-build-scripts keeps the image, and --force builds it again", {
      origin,
      remedy: "Give only one of them.",
    });
  }
}
