// `mkosi why`: what a build would do again, and why.

import { prepareImage } from "../build/prepare.ts";
import { configureProject } from "../build/scripts/configure.ts";
import { NO_OPTIONS } from "../build/scripts/run.ts";
import { inputsOf } from "../build/store/fingerprints.ts";
import { keptToolbox } from "../build/toolbox.ts";
import { type StepVerdict, whyImage } from "../build/why.ts";
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
    const { debug } = invocation.args;
    const configured = await configureProject(workshop, project, { toolbox: async () => toolbox, debug });
    const scripts = { ...NO_OPTIONS, debug };
    const outputOf = async () => undefined;
    for (const image of configured.images) {
      const build = await prepareImage(workshop, image, { project: configured, toolbox, scripts, outputOf });
      const { digests, listings } = workshop.store;
      const inputs = inputsOf(build, { outputKey: (other) => keys.get(other), digests, listings });
      const directory = outputDirectoryOf(configured, image);
      const { verdicts: found, key } = await whyImage(build, inputs, workshop.store, directory);
      if (key !== undefined) keys.set(image.name, key);
      verdicts.push(...found);
    }
    if (invocation.args.json) return print(JSON.stringify(verdicts, undefined, 4));
    print(verdicts.map(text).join("\n"));
  },
};

const WORDS: Readonly<Record<StepVerdict["verdict"], string>> = {
  kept: "is kept",
  changed: "runs again:",
  "never built": "runs: it has not run on what is below it",
  always: "runs in every build, as it has network",
  above: "runs again, as the step before it does",
  "output touched":
    "is done again: the output is gone or of another configuration, or somebody has changed it (a container, too)",
};

function text({ image, step, verdict, changes }: StepVerdict): string {
  const style = outputStyle();
  const sign = verdict === "kept" ? style("done", "✓") : style("warning", "•");
  return [`${sign} ${image}  ${step} ${WORDS[verdict]}`, ...changes.map((change) => `    ${change}`)].join("\n");
}
