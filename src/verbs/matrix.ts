// `mkosi matrix [github|gitlab] [SETTING=VALUE,…]`: the jobs that continuous integration builds a project with.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ConfigurationFailure } from "../config/diagnostics.ts";
import { configDirectoryOf } from "../config/load-project.ts";
import { combinations, githubMatrix, gitlabPipeline, type LoadedJob, readAxes } from "../config/matrix.ts";
import { Failure } from "../report/failure.ts";
import { print, printWarning } from "../report/print.ts";
import type { Verb } from "./verb.ts";

const SYSTEMS = { github: githubMatrix, gitlab: gitlabPipeline } as const;

export const verb: Verb = {
  needsNamespace: false,
  async run({ args, project }) {
    const [first = ""] = args.verbArguments;
    const system = Object.hasOwn(SYSTEMS, first) ? (first as keyof typeof SYSTEMS) : undefined;
    const directory = args.directory ?? process.cwd();
    const operands = system === undefined ? args.verbArguments : args.verbArguments.slice(1);
    const jobs = combinations(
      readAxes(operands, () => profilesIn(configDirectoryOf(directory))),
      directory,
    );
    const loaded: LoadedJob[] = [];
    for (const job of jobs) {
      try {
        loaded.push({ job, project: await project(job.assignments) });
      } catch (error) {
        const refusal = refusedBy(error);
        if (refusal === undefined) throw error;
        if (!args.quiet) printWarning(`${job.options} is left out: ${refusal}`);
      }
    }
    if (loaded.length === 0)
      throw new Failure("the project refuses every one of these combinations", { remedy: "see its [Assert] sections" });
    // one line, as the outputs of GitHub's steps have to be
    print(JSON.stringify(SYSTEMS[system ?? "github"](loaded)));
  },
};

/** Why a project refuses a combination, when it does so by itself and has no other errors. */
function refusedBy(error: unknown): string | undefined {
  if (!(error instanceof ConfigurationFailure)) return undefined;
  const errors = error.diagnostics.filter(({ level }) => level === "error");
  return errors.every(({ message }) => /of \[(?:Trigger)?Assert\]/.test(message)) ? errors[0]?.message : undefined;
}

function profilesIn(directory: string): string[] {
  const profiles = join(directory, "mkosi.profiles");
  if (!existsSync(profiles)) return [];
  const names = readdirSync(profiles).filter((name) => !name.startsWith("."));
  return [...new Set(names.map((name) => name.replace(/\.conf$/, "")))].sort();
}
