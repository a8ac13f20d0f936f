// `mkosi ssh`: logs in to the machine that `mkosi vm` has started from this project. Its exit status is ssh's.

import { projectToolbox } from "../build/toolbox.ts";
import { imageToRun } from "../config/image-to-run.ts";
import { readRecord, recordsDirectory } from "../machines/record.ts";
import { runSsh } from "../machines/ssh.ts";
import { ExitStatus, Failure } from "../report/failure.ts";
import { termination } from "../sandbox/interrupt.ts";
import { callerIds } from "../sandbox/namespace.ts";
import { usedProject } from "./build.ts";
import { withReport, workshopFor } from "./session.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    const project = await usedProject(invocation, ["ssh"]);
    const { config, origin } = imageToRun(project, invocation.args.image);
    const name = config.machine ?? config.output;
    const directory = await recordsDirectory(callerIds().uid, process.env);
    const record = directory === undefined ? undefined : await readRecord(directory, name);
    if (record === undefined) {
      throw new Failure(`no machine named ${name} runs that ssh could reach`, {
        origin: origin("machine"),
        remedy:
          directory === undefined
            ? "start mkosi in a session of your own: XDG_RUNTIME_DIR names no directory that can be written to"
            : "start it with: mkosi vm   (VSock= must not be off; --machine=NAME names another one)",
      });
    }
    const status = await withReport(invocation, async (events) => {
      await using workshop = await workshopFor(invocation, project, events);
      return await runSsh(record, {
        runner: workshop.runner("ssh", termination()),
        toolbox: await projectToolbox(workshop, project),
        args: invocation.args.verbArguments,
        environment: process.env,
        signal: termination(),
        directory: process.cwd(),
        say: workshop.say,
      });
    });
    if (status !== 0) throw new ExitStatus(status);
  },
};
