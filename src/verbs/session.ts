// What verbs that build or run something have in common: the report, the workspace, and a project with its tools.

import { cpus } from "node:os";
import { join } from "node:path";
import { withNeededTools } from "../build/toolbox.ts";
import { openWorkshop, type Workshop } from "../build/workshop.ts";
import type { Project } from "../config/project.ts";
import { withBuildReport } from "../report/build-report.ts";
import type { EventSink } from "../report/events.ts";
import { redactCommand } from "../report/redact.ts";
import { interruption } from "../sandbox/interrupt.ts";
import { callerIds } from "../sandbox/namespace.ts";
import { userCache } from "../sandbox/user-cache.ts";
import type { Invocation } from "./verb.ts";

/** The cache directory of the user who called us. */
export function cacheDirectory(): string {
  return userCache(callerIds().uid);
}

/** Runs `work` with a log file and a view of its progress. */
export async function withReport<T>({ args }: Invocation, work: (events: EventSink) => Promise<T>): Promise<T> {
  const title = redactCommand(["mkosi", ...process.argv.slice(2)]);
  return await withBuildReport(
    { logs: join(cacheDirectory(), "logs"), title, quiet: args.quiet, debug: args.debug, json: args.json },
    work,
  );
}

/** A workspace for a project; it is gone when disposed of. */
export async function workshopFor(
  { args }: Invocation,
  project: Project,
  events: EventSink,
): Promise<Workshop & AsyncDisposable> {
  return await openWorkshop(project, {
    events,
    jobs: args.jobs ?? cpus().length,
    cache: cacheDirectory(),
    signal: interruption(),
    fresh: args.force > 1,
    debugging: { shell: args.debugShell, workspace: args.debugWorkspace, sandbox: args.debugSandbox },
  });
}

/** The project, with the default tools tree where the host lacks programs and nothing is configured. */
export async function projectWithTools(
  invocation: Pick<Invocation, "args" | "project">,
  workshop: Workshop,
  programs: readonly string[],
): Promise<Project> {
  return await withNeededTools(workshop, await invocation.project(), programs, () => withDefaultTools(invocation));
}

/** The project as it is with ToolsTree=default. */
export async function withDefaultTools({ args, project }: Pick<Invocation, "args" | "project">): Promise<Project> {
  const directory = args.directory ?? process.cwd();
  return await project([{ key: "toolsTree", text: "default", option: "--tools-tree", directory }]);
}
