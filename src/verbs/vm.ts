// `mkosi vm`: boots the image in a virtual machine, after building it where it is missing. Its exit status is the guest's.

import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { refuseOnOwnKernel } from "../build/own-kernel.ts";
import { projectToolbox } from "../build/toolbox.ts";
import { imageToRun } from "../config/image-to-run.ts";
import { type Image, outputDirectoryOf, type Project } from "../config/project.ts";
import { kvmUsable } from "../machines/accelerator.ts";
import { qemuPrograms } from "../machines/architecture.ts";
import type { BootFiles } from "../machines/boot.ts";
import { recordsDirectory } from "../machines/record.ts";
import { runMachine } from "../machines/run.ts";
import { checkMachineSupported } from "../machines/supported.ts";
import { imageName } from "../outputs/names.ts";
import { ExitStatus } from "../report/failure.ts";
import { standardStreams } from "../report/streams.ts";
import { callerIds } from "../sandbox/namespace.ts";
import { ensureBuilt } from "./build.ts";
import { withReport, workshopFor } from "./session.ts";
import type { Invocation, Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    refuseOnOwnKernel("vm");
    const image = imageToRun(await invocation.project(), invocation.args.image);
    checkMachineSupported(image);
    const project = await ensureBuilt(invocation, qemuPrograms(image.config));
    const status = await boot(invocation, project);
    if (status !== 0) throw new ExitStatus(status);
  },
};

async function boot(invocation: Invocation, project: Project): Promise<number> {
  return await withReport(invocation, async (events) => {
    await using workshop = await workshopFor(invocation, project, events);
    const toolbox = await projectToolbox(workshop, project);
    const image = imageToRun(project, invocation.args.image);
    checkMachineSupported(image); // configure scripts may have changed it
    return await runMachine({
      image,
      files: bootFiles(project, image),
      runner: workshop.runner("machine"),
      toolbox,
      kvmUsable: kvmUsable(),
      directory: await mkdtemp(join(workshop.workspace, "machine-")),
      projectDirectory: project.directory,
      args: invocation.args.verbArguments,
      terminal: standardStreams(),
      environment: process.env,
      records: await recordsDirectory(callerIds().uid, process.env),
      signal: workshop.signal,
      helpers: [],
      say: workshop.say,
      note: (text) => events({ type: "output", node: "machine", text: `${text}\n`, time: Date.now() }),
    });
  });
}

/** Where a build puts what an image is started from. */
export function bootFiles(project: Project, image: Image): BootFiles {
  const { config } = image;
  const beside = (name: string) => join(outputDirectoryOf(project, image), name);
  return {
    image: beside(imageName(config)),
    kernel: beside(`${config.output}.vmlinuz`),
    initrd: beside(`${config.output}.initrd`),
    uki: beside(`${config.output}.efi`),
  };
}
