// `mkosi sysupdate`: updates the system that runs here with what was built. Its exit status is systemd-sysupdate's.

import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { projectToolbox } from "../build/toolbox.ts";
import type { Workshop } from "../build/workshop.ts";
import { type Image, mainImage, outputDirectoryOf, type Project } from "../config/project.ts";
import { findInToolbox } from "../machines/context.ts";
import { imageName } from "../outputs/names.ts";
import { sysupdateSource } from "../outputs/sysupdate.ts";
import { ExitStatus, Failure } from "../report/failure.ts";
import { termination } from "../sandbox/interrupt.ts";
import type { Toolbox } from "../sandbox/spec.ts";
import { runWithTerminal } from "../sandbox/with-terminal.ts";
import { ensureBuilt } from "./build.ts";
import { withReport, workshopFor } from "./session.ts";
import type { Verb } from "./verb.ts";

const PROGRAMS = ["systemd-sysupdate", "/usr/lib/systemd/systemd-sysupdate"];

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    definitionsOf(mainImage(await invocation.project()));
    const project = await ensureBuilt(invocation, []);
    const image = mainImage(project);
    const definitions = definitionsOf(image);
    const status = await withReport(invocation, async (events) => {
      await using workshop = await workshopFor(invocation, project, events);
      const outputs = outputDirectoryOf(project, image);
      const { program, toolbox } = await findProgram(workshop, project);
      await using source = await sysupdateSource({
        config: image.config,
        outputs,
        image: join(outputs, imageName(image.config)),
        scratch: await mkdtemp(join(workshop.workspace, "sysupdate-")),
        runner: workshop.runner("sysupdate"),
        toolbox: await projectToolbox(workshop, project),
      });
      const until = termination();
      const options = [`--definitions=${definitions}`, `--transfer-source=${source.path}`];
      const argv = [program, ...options, ...invocation.args.verbArguments];
      const runner = workshop.runner("sysupdate", until);
      return await runWithTerminal(runner, { argv, base: { kind: "host", toolbox } }, until);
    });
    if (status !== 0) throw new ExitStatus(status);
  },
};

/** @throws {Failure} when none is configured */
function definitionsOf({ config, origin }: Image): string {
  if (config.sysupdateDirectory !== null) return config.sysupdateDirectory;
  throw new Failure("nothing says what sysupdate is to transfer", {
    origin: origin("sysupdateDirectory"),
    remedy: "put transfer definitions into mkosi.sysupdate/, or name their directory: SysupdateDirectory=",
  });
}

interface Found {
  readonly program: string;
  readonly toolbox: Toolbox;
}

/** This machine's own comes first: where /usr is another one, it does not find out which disk the system is on. */
async function findProgram(workshop: Workshop, project: Project): Promise<Found> {
  const { extraSearchPaths: searchPaths } = mainImage(project).config;
  const host: Toolbox = { kind: "host", searchPaths };
  for (const find of [async () => host, async () => await projectToolbox(workshop, project)]) {
    const toolbox = await find();
    const program = findInToolbox(toolbox, PROGRAMS);
    if (program !== undefined) return { program, toolbox };
  }
  throw new Failure("systemd-sysupdate is neither on this machine nor among the tools", {
    remedy: "install it (Debian: systemd-container, Fedora: systemd-udev), or set ToolsTree=default",
  });
}
