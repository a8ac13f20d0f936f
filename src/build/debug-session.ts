// `mkosi debug`: a tree as it was before or after a step, and a shell or a command on it. Where the step is one of scripts or
// a program of it has failed, the step is begun anew, and the shell takes the place of that program: it has what that had.

import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { ExitStatus } from "../report/failure.ts";
import { openShell } from "../sandbox/debug-shell.ts";
import { bind, type Runner, type SandboxSpec } from "../sandbox/spec.ts";
import { type ImageProgress, isScript, programOf } from "./debug-progress.ts";
import type { ImageBuild, StepContext } from "./image-build.ts";
import { type BuiltTree, below, onTop, packImage, type Step, stackBelow, stackOf, stepsOf } from "./pipeline.ts";
import { scriptEnvironment } from "./scripts/environment.ts";
import { outside } from "./scripts/run.ts";
import { treeOf } from "./steps/prepare-scripts.ts";
import { PACKING } from "./store/kept-outputs.ts";
import type { Workshop } from "./workshop.ts";

/** A place in the build of an image. */
export interface DebugPlace {
  readonly build: ImageBuild;
  readonly progress: ImageProgress;
  /** How many steps have been done before. */
  readonly steps: number;
  /** The step that is begun anew, by its title; undefined: only the tree is of interest. */
  readonly step?: string | undefined;
  /** The program of it that the shell is for (programOf()); undefined: its first script. */
  readonly program?: string | undefined;
}

export interface DebugOptions {
  /** In place of a shell. */
  readonly argv: readonly string[];
  /** Runs what has the terminal: not ended by Ctrl-C. */
  readonly terminal: Runner;
}

/** Opens the shell. Nothing that is done to the tree is kept. @returns its exit status */
export async function debugAt(workshop: Workshop, place: DebugPlace, options: DebugOptions): Promise<number> {
  const { build, progress } = place;
  const directory = await mkdtemp(join(workshop.workspace, "debug-"));
  const [root, notes, staging] = ["root", "notes", "staging"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [root, notes, staging]) await mkdir(path);
  const step = stepsOf(build).find(({ title }) => title === place.step);
  const tree = treeAt(place);
  const view = step?.overlay === true ? [...stackOf(tree), ...tree.overlay] : stackOf(tree);
  const isPacking = place.step === PACKING && place.program !== undefined;
  const open = (spec: SandboxSpec, isProgram: boolean) =>
    openShell(
      options.terminal,
      workshop.events,
      spec,
      options.argv.length > 0 ? "" : opening(progress.image, place, spec, isProgram),
      ...(options.argv.length > 0 ? [options.argv] : []),
    );
  const runner = isPacking || step !== undefined ? replacing(build.runner, place.program, open) : build.runner;
  const context = { ...build, runner, root, notes, staging, ...below(tree) } satisfies StepContext;
  try {
    if (isPacking) await packImage(stackOf(tree), context, workshop.layers, undefined);
    else if (step !== undefined && (place.program !== undefined || hasScripts(step, build))) {
      await using _mounted = await workshop.layers.mount(stackBelow(tree, step), root);
      await step.run(context);
    }
  } catch (error) {
    if (error instanceof ShellLeft) return error.status;
    throw error;
  }
  await using _mounted = await workshop.layers.mount(view, root);
  return await open(await treeSpec({ ...context, runner: build.runner }, directory), false);
}

class ShellLeft extends ExitStatus {}

/** The tree that was there when so many steps had been done. */
function treeAt({ build, progress, steps }: DebugPlace): BuiltTree {
  const known = stepsOf(build);
  let tree: BuiltTree = { base: progress.base, image: [], covered: 0, overlay: [], notes: [], steps: 0 };
  for (const { title, layer } of progress.steps.slice(0, steps)) {
    const step = known.find((each) => each.title === title);
    if (step !== undefined) tree = onTop(tree, step, layer);
  }
  return tree;
}

function hasScripts({ setting }: Step, { image }: ImageBuild): boolean {
  const value = setting === undefined ? undefined : image.config[setting];
  return setting?.endsWith("Scripts") === true && Array.isArray(value) && value.length > 0;
}

/** Runs programs but for one, which the shell is opened for. */
function replacing(
  runner: Runner,
  program: string | undefined,
  open: (spec: SandboxSpec, isProgram: boolean) => Promise<number>,
): Runner {
  const isWanted = (spec: SandboxSpec) => (program === undefined ? isScript(spec) : programOf(spec) === program);
  return {
    ...runner,
    async run(spec) {
      if (isWanted(spec)) throw new ShellLeft(await open(spec, true));
      return await runner.run(spec);
    },
  };
}

/** The tree for the tools' programs, with the helpers that scripts have. */
async function treeSpec(context: StepContext, scratch: string): Promise<SandboxSpec> {
  const vartmp = join(scratch, "var-tmp");
  await mkdir(vartmp);
  await mkdir(join(context.root, "work"), { recursive: true });
  const { debug } = context.scripts;
  const env = { ...scriptEnvironment("postinst", "", context.image, { debug }), CHROOT_SCRIPT: "", SCRIPT: "" };
  const spec = { argv: [], env, cwd: "/buildroot", mounts: [bind(vartmp, "/var/tmp")] };
  return await outside(context, treeOf(context), spec, scratch);
}

function opening(
  image: string,
  { step, steps, progress }: DebugPlace,
  { argv, base }: SandboxSpec,
  isProgram: boolean,
): string {
  const last = progress.steps[steps - 1]?.title;
  const when = step === undefined ? `after “${last ?? "nothing"}”` : `before “${step}”`;
  const where = base.kind === "image" ? "/, inside of it" : "/buildroot (mkosi-chroot runs programs in it)";
  const run = isProgram ? `\nThe program of the step: ${argv.join(" ")}` : "";
  return `The tree of image ${image} as it was ${when}: at ${where}.${run}\nNothing that is changed here is kept. exit leaves it.`;
}
