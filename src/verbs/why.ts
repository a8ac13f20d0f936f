// `mkosi why`: what a build would do again, and why.

import { join } from "node:path";
import { prepareImage } from "../build/prepare.ts";
import { configureProject } from "../build/scripts/configure.ts";
import { NO_OPTIONS } from "../build/scripts/run.ts";
import { inputsOf } from "../build/store/fingerprints.ts";
import { keptToolbox } from "../build/toolbox.ts";
import { type DerivedVerdict, type StepVerdict, whyImage, withoutOutputs } from "../build/why.ts";
import { outputDirectoryOf } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import { outputStyle, print } from "../report/print.ts";
import { projectWithTools, workshopFor } from "./session.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    const read = await invocation.project();
    await using workshop = await workshopFor(invocation, read, () => {});
    const project = await projectWithTools(invocation, workshop, []);
    if (workshop.store === undefined) {
      throw new Failure("nothing is kept from build to build: everything would be built", {
        remedy: "set Incremental=yes, or call mkosi -i why",
      });
    }
    const toolbox = await keptToolbox(workshop, project);
    if (toolbox === undefined) return print("The default tools tree is not there yet: everything would be built.");
    const keys = new Map<string, string>();
    const verdicts: StepVerdict[] = [];
    /** Outputs that will be made again. */
    const made: string[] = [];
    const { debug } = invocation.args;
    const configured = await configureProject(workshop, project, { toolbox: async () => toolbox, debug });
    const scripts = { ...NO_OPTIONS, debug };
    const outputOf = async () => undefined;
    for (const image of configured.images) {
      const build = await prepareImage(workshop, image, { project: configured, toolbox, scripts, outputOf });
      const { digests, listings } = workshop.store;
      const known = inputsOf(build, { outputKey: (other) => keys.get(other), digests, listings });
      const inputs = withoutOutputs(known, build, made);
      const directory = outputDirectoryOf(configured, image);
      const { verdicts: found, key } = await whyImage(build, inputs, workshop.store, directory);
      if (key === undefined) made.push(join(directory, image.config.output));
      else keys.set(image.name, key);
      verdicts.push(...found);
    }
    if (invocation.args.json) return print(JSON.stringify(verdicts, undefined, 4));
    print(text(verdicts));
  },
};

type Verdict = StepVerdict["verdict"];

/** What is told of a step; those after one that runs are counted only. */
const WORDS: Readonly<Record<Exclude<Verdict, "above">, string>> = {
  kept: "is kept",
  changed: "runs again:",
  gone: "runs again: what it has made was removed (mkosi cache prune, CacheSize=), or is lost",
  new: "runs: the image was made without it before",
  "never built": "runs: it has not run to its end on what is below it",
  "nothing kept": "runs: nothing is kept yet",
  "other start": "runs: what is kept was made by another version of mkosi, or with another CacheKey=",
  always: "runs in every build, as it has network",
  "output touched":
    "is done again: the output is gone or of another configuration, or somebody has changed it (a container, too)",
};

const DERIVED_WORDS: Readonly<Record<DerivedVerdict["verdict"], string>> = {
  kept: "is kept",
  changed: "is made again:",
  open: "is taken as it is, if what it is made from comes out the same",
};

function text(verdicts: readonly StepVerdict[]): string {
  const style = outputStyle();
  return verdicts
    .flatMap(({ image, step, verdict, changes, derived }, index) => {
      const sign = verdict === "kept" ? style("done", "✓") : style("warning", "•");
      const lines =
        verdict === "above"
          ? []
          : [`${sign} ${image}  ${step} ${WORDS[verdict]}`, ...changes.map((line) => `    ${line}`)];
      if (verdict === "above" && verdicts[index - 1]?.verdict !== "above")
        lines.push(`${sign} ${image}  ${following(verdicts.slice(index), image)}`);
      return verdict === "kept" ? lines : [...lines, ...derived.flatMap(derivedLines)];
    })
    .join("\n");
}

function following(verdicts: readonly StepVerdict[], of: string): string {
  const end = verdicts.findIndex(({ image, verdict }) => verdict !== "above" || image !== of);
  const count = end < 0 ? verdicts.length : end;
  return count === 1 ? "and the step after it" : `and the ${count} steps after it`;
}

function derivedLines({ what, file, verdict, changes }: DerivedVerdict): readonly string[] {
  return [`    ${what} (${file}) ${DERIVED_WORDS[verdict]}`, ...changes.map((change) => `      ${change}`)];
}
