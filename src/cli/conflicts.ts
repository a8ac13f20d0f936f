// Options that have no meaning together, or not for the verb.

import { Failure } from "../report/failure.ts";
import type { Arguments } from "./arguments.ts";
import { VERBS } from "./verbs.ts";

/** @throws {Failure} */
export function refuseConflicts(args: Arguments): void {
  if (args.image !== undefined && !RUNNING.includes(args.verb)) {
    throw new Failure(`--image has no meaning for ${args.verb}`, {
      origin: { kind: "option", option: "--image" },
      remedy: `Leave it out, or use one of the verbs ${RUNNING.join(", ")}.`,
    });
  }
  if (args.check && args.verb !== "fmt") {
    throw new Failure(`--check has no meaning for ${args.verb}`, {
      origin: { kind: "option", option: "--check" },
      remedy: "Leave it out; what looks for mistakes is the verb check.",
    });
  }
  if (args.write && args.verb !== "migrate") {
    throw new Failure(`--write has no meaning for ${args.verb}`, {
      origin: { kind: "option", option: "--write" },
      remedy: "Leave it out; it belongs to migrate.",
    });
  }
  refuseRerun(args);
}

/** Verbs that are about one image. */
const RUNNING = ["vm", "boot", "shell", "ssh", "journalctl", "coredumpctl", "burn"];

function refuseRerun({ verb, force, rerunBuildScripts }: Arguments): void {
  if (!rerunBuildScripts || verb === "help" || verb === "version") return;
  const origin = { kind: "option", option: "--rerun-build-scripts" } as const;
  const building = VERBS.filter(({ builds }) => builds === true).map(({ name }) => name);
  if (!building.includes(verb)) {
    throw new Failure(`--rerun-build-scripts has no meaning for ${verb}, which builds nothing`, {
      origin,
      remedy: `Leave it out, or use one of the verbs ${building.join(", ")}.`,
    });
  }
  if (force > 0) {
    throw new Failure("--rerun-build-scripts keeps the image, and --force builds it again", {
      origin,
      remedy: "Give only one of them.",
    });
  }
}
