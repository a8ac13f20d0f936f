// `mkosi journalctl` and `mkosi coredumpctl`: what an image that has run keeps of it. Their exit status is the program's.

import { join } from "node:path";
import { projectToolbox } from "../build/toolbox.ts";
import { imageToRun } from "../config/image-to-run.ts";
import { outputDirectoryOf } from "../config/project.ts";
import { checkInspectable, type Inspector, inspect } from "../machines/inspect.ts";
import { imageName } from "../outputs/names.ts";
import { ExitStatus } from "../report/failure.ts";
import { termination } from "../sandbox/interrupt.ts";
import { callerIds } from "../sandbox/namespace.ts";
import { usedProject } from "./build.ts";
import { withReport, workshopFor } from "./session.ts";
import type { Verb } from "./verb.ts";

export function inspectionVerb(program: Inspector): Verb {
  return {
    needsNamespace: true,
    async run(invocation) {
      checkInspectable(imageToRun(await invocation.project(), invocation.args.image), program);
      const project = await usedProject(invocation, [program]);
      const image = imageToRun(project, invocation.args.image);
      const status = await withReport(invocation, async (events) => {
        await using workshop = await workshopFor(invocation, project, events);
        return await inspect(program, {
          image,
          path: join(outputDirectoryOf(project, image), imageName(image.config)),
          runner: workshop.runner(program, termination()),
          toolbox: await projectToolbox(workshop, project),
          uid: callerIds().uid,
          args: invocation.args.verbArguments,
          signal: termination(),
        });
      });
      if (status !== 0) throw new ExitStatus(status);
    },
  };
}
