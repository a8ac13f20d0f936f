// `mkosi boot` and `mkosi shell`: run the image in a container, after building it where it is missing. Their exit status
// is the container's.

import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { refuseOnOwnKernel } from "../build/own-kernel.ts";
import { projectToolbox } from "../build/toolbox.ts";
import { imageToRun } from "../config/image-to-run.ts";
import { outputDirectoryOf, type Project } from "../config/project.ts";
import type { ContainerContext } from "../machines/container/context.ts";
import { registers, systemdManagesHost } from "../machines/container/host.ts";
import { runContainer } from "../machines/container/run.ts";
import { checkContainerSupported, requireRoot } from "../machines/container/supported.ts";
import { imageName } from "../outputs/names.ts";
import { ExitStatus } from "../report/failure.ts";
import { ensureBuilt } from "./build.ts";
import { withReport, workshopFor } from "./session.ts";
import type { Invocation, Verb } from "./verb.ts";

type Action = ContainerContext["action"];

export function containerVerb(action: Action): Verb {
  return {
    needsNamespace: true,
    beforeNamespace: () => requireRoot(action, process.getuid?.() ?? 0),
    async run(invocation) {
      refuseOnOwnKernel(action);
      const image = imageToRun(await invocation.project(), invocation.args.image);
      checkContainerSupported(image);
      registers(image, await systemdManagesHost());
      const project = await ensureBuilt(invocation, ["systemd-nspawn"]);
      const status = await run(action, invocation, project);
      if (status !== 0) throw new ExitStatus(status);
    },
  };
}

async function run(action: Action, invocation: Invocation, project: Project): Promise<number> {
  return await withReport(invocation, async (events) => {
    await using workshop = await workshopFor(invocation, project, events);
    const toolbox = await projectToolbox(workshop, project);
    const image = imageToRun(project, invocation.args.image);
    return await runContainer({
      action,
      image,
      files: { image: join(outputDirectoryOf(project, image), imageName(image.config)) },
      runner: workshop.runner("container"),
      toolbox,
      directory: await mkdtemp(join(workshop.workspace, "container-")),
      projectDirectory: project.directory,
      args: invocation.args.verbArguments,
      environment: process.env,
      signal: workshop.signal,
    });
  });
}
