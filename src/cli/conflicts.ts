// Options that have no meaning together, or not for the verb.

import { Failure } from "../report/failure.ts";
import type { Arguments } from "./arguments.ts";
import { builds, VERBS } from "./verbs.ts";

/** @throws {Failure} */
export function refuseConflicts(args: Arguments): void {
  if (args.image !== undefined && !RUNNING.includes(args.verb)) {
    throw new Failure(`--image has no meaning for ${args.verb}`, {
      origin: { kind: "option", option: "--image" },
      remedy: `Leave it out, or use one of the verbs ${RUNNING.join(", ")}.`,
    });
  }
  if (args.debugShell && args.json && builds(args.verb)) {
    throw new Failure("--debug-shell opens a shell on the terminal, and --json is for programs", {
      origin: { kind: "option", option: "--debug-shell" },
      remedy: "Give only one of them.",
    });
  }
  refuseDebugOptions(args);
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
  refuseReports(args);
  refusePages(args);
}

function refusePages({ verb, verbArguments, html, json }: Arguments): void {
  if (html === undefined || verb === "help" || verb === "version") return;
  const origin = { kind: "option", option: "--html" } as const;
  if (verb !== "inspect" && verb !== "diff") {
    throw new Failure(`--html has no meaning for ${verb}, which looks into no image`, {
      origin,
      remedy: "Leave it out, or use one of the verbs inspect, diff.",
    });
  }
  if (json) throw new Failure("--html and --json are two forms of one result", { origin, remedy: "Give only one." });
  if (html === "") throw new Failure("--html names no file", { origin, remedy: "Write --html=FILE." });
  if (verb === "inspect" && verbArguments.length > 1) {
    throw new Failure(`a page is about one image, and ${verbArguments.length} are named`, {
      origin,
      remedy: "Name one image for each page; mkosi diff --html=FILE compares two.",
    });
  }
}

function refuseReports({ verb, tap, junit, json }: Arguments): void {
  if (verb === "help" || verb === "version") return;
  const given = tap ? "--tap" : junit === undefined ? undefined : "--junit";
  if (given !== undefined && verb !== "test") {
    throw new Failure(`${given} has no meaning for ${verb}, which tests nothing`, {
      origin: { kind: "option", option: given },
      remedy: "Leave it out, or use the verb test.",
    });
  }
  if (tap && json) {
    throw new Failure("--tap and --json would both print to standard output", {
      origin: { kind: "option", option: "--tap" },
      remedy: "Give only one of them.",
    });
  }
}

function refuseDebugOptions({ verb, before, after, list }: Arguments): void {
  const [given, second] = Object.entries({ before, after, list }).flatMap(([name, value]) =>
    value === undefined || value === false ? [] : [`--${name}`],
  );
  if (given === undefined || verb === "help" || verb === "version") return;
  const origin = { kind: "option", option: given } as const;
  if (verb !== "debug")
    throw new Failure(`${given} has no meaning for ${verb}`, {
      origin,
      remedy: "Leave it out: it is for mkosi debug.",
    });
  if (second !== undefined)
    throw new Failure(`${given} and ${second} exclude each other`, { origin, remedy: "Give only one of them." });
}

/** Verbs that are about one image. */
const RUNNING = ["vm", "boot", "shell", "ssh", "journalctl", "coredumpctl", "burn", "test", "debug"];

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
