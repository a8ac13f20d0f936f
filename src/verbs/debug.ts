// `mkosi debug`: goes back to where the latest build has failed, or to the tree before or after any step of it.

import type { BuildProgress, ImageProgress } from "../build/debug-progress.ts";
import { readProgress, useProgress } from "../build/debug-records.ts";
import { type DebugPlace, debugAt } from "../build/debug-session.ts";
import { usePackageCache } from "../build/package-cache.ts";
import { stepsOf } from "../build/pipeline.ts";
import { prepareImage } from "../build/prepare.ts";
import { configureProject } from "../build/scripts/configure.ts";
import { NO_OPTIONS } from "../build/scripts/run.ts";
import { PACKING } from "../build/store/kept-outputs.ts";
import { projectToolbox } from "../build/toolbox.ts";
import { imageToRun } from "../config/image-to-run.ts";
import { formatJson } from "../config/json.ts";
import type { Project } from "../config/project.ts";
import { ExitStatus, Failure } from "../report/failure.ts";
import { outputStyle, print } from "../report/print.ts";
import { termination } from "../sandbox/interrupt.ts";
import { projectWithTools, withReport, workshopFor } from "./session.ts";
import type { Invocation, Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    const status = await withReport(invocation, (events) => debug(invocation, events));
    if (status !== 0) throw new ExitStatus(status);
  },
};

async function debug(invocation: Invocation, events: Parameters<typeof workshopFor>[2]): Promise<number> {
  const { args } = invocation;
  const read = await invocation.project();
  await using workshop = await workshopFor(invocation, read, events);
  await using _used = await useProgress(workshop, read);
  const progress = await readProgress(workshop, read);
  if (progress === undefined) throw nothingKept(workshop.store !== undefined);
  if (args.list) {
    print(args.json ? formatJson(listed(progress)) : listText(progress));
    return 0;
  }
  const project = await projectWithTools(invocation, workshop, []);
  const toolbox = await projectToolbox(workshop, project);
  const scripts = { ...NO_OPTIONS, debug: args.debug };
  const configured = await configureProject(workshop, project, { toolbox: async () => toolbox, debug: args.debug });
  const image = imageOf(progress, configured, args.image);
  const own = progress.images.find((each) => each.image === image.name);
  if (own === undefined) throw unknownImage(image.name);
  const outputOf = async () => undefined;
  const build = await prepareImage(workshop, image, { project: configured, toolbox, scripts, outputOf });
  await usePackageCache(build);
  const titles = [...stepsOf(build).map(({ title }) => title), PACKING];
  const place = { build, progress: own, ...placeIn(progress, own, titles, args) } satisfies DebugPlace;
  return await debugAt(workshop, place, {
    argv: args.verbArguments,
    terminal: workshop.runner("debug", termination()),
  });
}

/** The image that is asked for, the one that has failed, or the main one. */
function imageOf({ failed }: BuildProgress, project: Project, name: string | undefined) {
  const image = project.images.find((each) => each.name === (name ?? failed?.image));
  return image ?? imageToRun(project, name);
}

type Asked = Pick<Invocation["args"], "before" | "after">;

/** Which step is meant. @throws {Failure} when there is no such step, or the build has not got so far */
function placeIn(
  { failed }: BuildProgress,
  { image, steps }: ImageProgress,
  titles: readonly string[],
  { before, after }: Asked,
): Pick<DebugPlace, "steps" | "step" | "program"> {
  const done = steps.map(({ title }) => title);
  const next = titles.slice(done.length);
  if (after !== undefined) return { steps: done.indexOf(named(after, done)) + 1 };
  const hasFailedHere = failed?.image === image && failed.step === titles[done.length];
  if (before === undefined) {
    if (failed === undefined || !hasFailedHere) throw notFailed(image, failed !== undefined && failed.image === image);
    return { steps: done.length, step: failed.step, program: failed.program };
  }
  const step = named(before, [...done, ...next.slice(0, 1)]);
  const index = done.indexOf(step);
  if (index >= 0) return { steps: index, step };
  return { steps: done.length, step, program: hasFailedHere ? failed.program : undefined };
}

/** A step by its number in the list, its title or a part of it. */
function named(text: string, titles: readonly string[]): string {
  const lower = text.toLowerCase();
  const exact = titles.filter((title, index) => title.toLowerCase() === lower || String(index + 1) === text);
  const found = exact.length > 0 ? exact : titles.filter((title) => title.toLowerCase().includes(lower));
  const [title] = found;
  if (title !== undefined && found.length === 1) return title;
  throw new Failure(
    found.length === 0 ? `no step that is there is called “${text}”` : `“${text}” may be ${found.join(", or ")}`,
    { remedy: "mkosi debug --list lists the steps: name one by its number, its title or a part of that." },
  );
}

function listed({ images, failed }: BuildProgress) {
  return images.map(({ image, steps }) => ({
    image,
    steps: steps.map(({ title }) => title),
    failed: failed?.image === image ? failed.step : null,
  }));
}

function listText(progress: BuildProgress): string {
  const style = outputStyle();
  return listed(progress)
    .flatMap(({ image, steps, failed }) => [
      style("strong", image),
      ...steps.map((title, index) => `${String(index + 1).padStart(4)} ${style("done", "✓")} ${title}`),
      ...(failed === null ? [] : [`${String(steps.length + 1).padStart(4)} ${style("error", "✗")} ${failed}`]),
    ])
    .join("\n");
}

function nothingKept(isIncremental: boolean): Failure {
  return new Failure("there is no build to go back to", {
    remedy: isIncremental
      ? "build the images first"
      : "without Incremental=yes steps are kept of a build that has failed, until the next one or for a day",
  });
}

function notFailed(image: string, isGone: boolean): Failure {
  return isGone
    ? new Failure(`the steps before the one that has failed are not all there any more`, {
        remedy: "build again; mkosi debug --list tells what is left",
      })
    : new Failure(`image ${image} has not failed in the latest build`, {
        remedy: "name a step with --before or --after (mkosi debug --list lists them)",
      });
}

function unknownImage(name: string): Failure {
  return new Failure(`the latest build had not begun with image ${name}`, {
    remedy: "mkosi debug --list lists the images that it had begun with.",
  });
}
