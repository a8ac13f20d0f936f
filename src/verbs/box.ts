// `mkosi box`: runs a program with the tools that a build has. Its exit status is the program's.

import { runInBox } from "../build/box.ts";
import { projectToolbox } from "../build/toolbox.ts";
import { ExitStatus } from "../report/failure.ts";
import { termination } from "../sandbox/interrupt.ts";
import { callerIds } from "../sandbox/namespace.ts";
import { projectWithTools, withReport, workshopFor } from "./session.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    const status = await withReport(invocation, async (events) => {
      await using workshop = await workshopFor(invocation, await invocation.project(), events);
      const project = await projectWithTools(invocation, workshop, []);
      return await runInBox({
        runner: workshop.runner("box", termination()),
        toolbox: await projectToolbox(workshop, project),
        argv: invocation.args.verbArguments,
        directory: project.directory,
        environment: process.env,
        caller: callerIds(),
        signal: termination(),
      });
    });
    if (status !== 0) throw new ExitStatus(status);
  },
};
