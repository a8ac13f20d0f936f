// `mkosi serve`: offers the output directory over HTTP, after building the images where they are missing, until it is
// interrupted.

import { once } from "node:events";
import { join } from "node:path";
import { keptToolbox, projectToolbox } from "../build/toolbox.ts";
import { containsProject, isOutputOf, mainImage, outputDirectoryOf, type Project } from "../config/project.ts";
import { startStorageTarget, storageTargetFailure } from "../machines/storage-target.ts";
import { imageName } from "../outputs/names.ts";
import { directoryServer, type ServedDirectory } from "../outputs/serve.ts";
import { Failure } from "../report/failure.ts";
import { callerIds } from "../sandbox/namespace.ts";
import { ensureBuilt } from "./build.ts";
import { withReport, workshopFor } from "./session.ts";
import type { Invocation, Verb } from "./verb.ts";

/** As the original's. */
const PORT = 8081;

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    const project = await ensureBuilt(invocation, []);
    await serve(invocation, project);
  },
};

async function serve(invocation: Invocation, project: Project): Promise<void> {
  await withReport(invocation, async (events) => {
    await using workshop = await workshopFor(invocation, project, events);
    const image = mainImage(project);
    const isWanted = image.config.storageTargetMode === "enabled";
    const directory = servedDirectory(project);
    const server = directoryServer(directory, (line) =>
      events({ type: "output", node: "serve", text: `${line}\n`, time: Date.now() }),
    );
    server.listen(PORT);
    await once(server, "listening").catch(explainPort);
    try {
      await using target = await startStorageTarget({
        image,
        disk: join(directory.path, imageName(image.config)),
        runner: workshop.runner("systemd-storagetm"),
        // What nobody has asked for is no reason to build tools.
        toolbox: async () => await (isWanted ? projectToolbox : keptToolbox)(workshop, project),
        uid: callerIds().uid,
      });
      workshop.say(`${directory.path} is offered at http://localhost:${PORT}/ until you press Ctrl-C`);
      const interrupted = workshop.signal.aborted ? Promise.resolve() : once(workshop.signal, "abort");
      await Promise.race([interrupted, ...(target === undefined ? [] : [target.finished])]);
      if (!workshop.signal.aborted && target !== undefined) {
        const words = target.tail().trimEnd();
        if (isWanted) throw storageTargetFailure(image, "systemd-storagetm has ended", words);
        workshop.say("The disk is not offered by NVMe: systemd-storagetm has ended (--debug shows its words)");
        await interrupted;
      }
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
}

/**
 * All of a directory that is there for outputs. Where they lie among the project's own files, its keys and passwords are
 * nobody's business: only the outputs are offered then.
 */
function servedDirectory(project: Project): ServedDirectory {
  const path = outputDirectoryOf(project, mainImage(project));
  const isOwn = !containsProject(project, path);
  return {
    path,
    isOffered: (name) => isOwn || project.images.some((image) => isOutputOf(project, image, join(path, name))),
  };
}

function explainPort(cause: unknown): never {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code !== "EADDRINUSE") throw new Failure(`port ${PORT} cannot be used: ${message}`, { cause });
  throw new Failure(`port ${PORT} is in use already`, { remedy: "end the other server (another mkosi serve?)", cause });
}
