// Runs the scripts of one kind for an image, one after the other, each with all that its kind has.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Image } from "../../config/project.ts";
import type { PackageContext, PackageManager } from "../../package-managers/manager.ts";
import { Failure } from "../../report/failure.ts";
import { toolsPath } from "../../sandbox/bubblewrap.ts";
import { CommandFailure } from "../../sandbox/spawn.ts";
import { bind, bindReadOnly, type Mount, type SandboxSpec } from "../../sandbox/spec.ts";
import type { ImageContext } from "../../tools/context.ts";
import { prepareMountPoints } from "../../tools/mount-points.ts";
import { hasNetwork, proxyMounts, scriptEnvironment } from "./environment.ts";
import { generalHelpers, HELPERS, packageHelpers, writeHelpers } from "./helpers.ts";
import { insideMounts, resolverMounts } from "./inside.ts";
import { isInside, PLACES, type PlaceName, SCRIPTS, type ScriptKind, SETTINGS_FILE } from "./kinds.ts";
import { ensureExecutable } from "./script-file.ts";
import { writeSettingsFile } from "./settings-file.ts";
import { mountSources } from "./sources.ts";

/** What scripts need to know of the run of the program. */
export interface ScriptOptions {
  /** What follows the verb: arguments of build scripts. */
  readonly arguments: readonly string[];
  /** $MKOSI_DEBUG. */
  readonly debug: boolean;
  /** Whether build scripts run whatever has changed, and nothing after them (-R). */
  readonly rerun: boolean;
  /** Whether the build directories are emptied before (-w): then build scripts run even on the same inputs. */
  readonly wiped: boolean;
}

export const NO_OPTIONS: ScriptOptions = { arguments: [], debug: false, rerun: false, wiped: false };

export interface ScriptContext extends ImageContext {
  readonly scripts: ScriptOptions;
  /** The image's settings as JSON. */
  readonly settingsJson: string;
  /** Tells that a script has read them. */
  noteSettings(): void;
  /** Tells that they know the image's name and whether --debug is given. */
  noteSurroundings(): void;
}

/** The tree that scripts work on, with what installs packages in it. */
export interface ScriptTree {
  readonly root: string;
  readonly packages: PackageContext;
  readonly packageManager: PackageManager;
}

export interface ScriptRun {
  readonly kind: ScriptKind;
  /** In place of the kind's own. */
  readonly arguments?: readonly string[];
  readonly tree?: ScriptTree;
  /** Directories of the host; those that are not there have no variable. */
  readonly places?: Readonly<Partial<Record<PlaceName, PlaceMount>>>;
  /** On top of what the kind has. */
  readonly mounts?: readonly Mount[];
  /** Below what the kind has. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cached?: boolean;
}

export interface PlaceMount {
  readonly path: string;
  readonly readOnly?: boolean;
}

/** Runs the scripts. @throws {Failure} when one cannot be run, or fails */
export async function runScripts(context: ScriptContext, run: ScriptRun): Promise<void> {
  const { image } = context;
  const facts = SCRIPTS[run.kind];
  const scripts = image.config[facts.setting] as readonly string[];
  if (scripts.length === 0) return;
  context.noteSurroundings();
  await mkdir(context.scratch, { recursive: true });
  const scratch = await mkdtemp(join(context.scratch, "scripts-"));
  try {
    await using sources = await mountSources(image, facts.sources, scratch);
    const settings = writeSettingsFile(join(scratch, "config.json"), context.settingsJson);
    for (const script of scripts) {
      await ensureExecutable(image, facts.setting, script);
      context.report.progress(basename(script));
      const shared = [...sources.mounts, ...placeMounts(run), bind(settings.path, SETTINGS_FILE)];
      await runScript(context, run, script, { scratch, mounts: shared });
    }
    if (settings.wasRead()) context.noteSettings();
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function placeMounts({ places = {} }: ScriptRun): Mount[] {
  return (Object.entries(places) as [PlaceName, PlaceMount][]).map(([name, { path, readOnly }]) =>
    readOnly === true ? bindReadOnly(path, PLACES[name]) : bind(path, PLACES[name]),
  );
}

interface ScriptPlace {
  /** A directory of this run. */
  readonly scratch: string;
  /** What all scripts of the run have. */
  readonly mounts: readonly Mount[];
}

async function runScript(context: ScriptContext, run: ScriptRun, script: string, place: ScriptPlace): Promise<void> {
  const { image } = context;
  const facts = SCRIPTS[run.kind];
  const network = hasNetwork(run.kind, image);
  const work = run.tree === undefined ? undefined : join(run.tree.root, "work");
  const hadWork = work !== undefined && existsSync(work);
  const vartmp = join(place.scratch, "var-tmp");
  await mkdir(vartmp, { recursive: true });
  if (run.tree !== undefined) await prepareMountPoints(run.tree.root);
  using resolver = run.tree !== undefined && network ? resolverMounts(run.tree.root) : undefined;
  const spec = {
    argv: [facts.program, ...(run.arguments ?? facts.arguments)],
    cwd: "/work/src",
    env: {
      ...run.env,
      ...scriptEnvironment(run.kind, script, image, {
        debug: context.scripts.debug,
        places: Object.keys(run.places ?? {}) as PlaceName[],
        cached: run.cached === true,
      }),
    },
    network,
  };
  const mounts = [...place.mounts, bindReadOnly(script, facts.program), ...(run.mounts ?? [])];
  const whole: SandboxSpec =
    run.tree !== undefined && isInside(run.kind, script)
      ? {
          ...spec,
          base: { kind: "image", root: run.tree.root },
          mounts: [...insideMounts(vartmp), ...(resolver?.mounts ?? []), ...mounts],
        }
      : await outside(context, run.tree, { ...spec, mounts: [bind(vartmp, "/var/tmp"), ...mounts] }, place.scratch);
  try {
    await context.runner.run(whole);
  } catch (error) {
    throw error instanceof CommandFailure ? scriptFailure(error, run.kind, image, script) : error;
  } finally {
    if (work !== undefined && !hadWork) await rm(work, { recursive: true, force: true });
  }
}

/** A run with the toolbox's programs, and helpers for the tree. @param scratch a directory of this run */
export async function outside(
  context: ScriptContext,
  tree: ScriptTree | undefined,
  spec: Omit<SandboxSpec, "base"> & { readonly mounts: readonly Mount[] },
  scratch: string,
): Promise<SandboxSpec> {
  const { toolbox } = context;
  const base = { kind: "tools", toolbox } as const;
  const mounts = [...proxyMounts(context.image), ...spec.mounts];
  if (tree === undefined) return { ...spec, base, mounts, env: { ...spec.env, PATH: toolsPath(toolbox) } };
  const tools = await tree.packageManager.scriptTools(tree.packages, tree.root);
  const helpers = join(scratch, "helpers");
  await writeHelpers(helpers, { ...generalHelpers(toolbox, spec.network === true), ...packageHelpers(tools) });
  return {
    ...spec,
    base,
    mounts: [...tools.mounts, bind(tree.root, "/buildroot"), bindReadOnly(helpers, HELPERS), ...mounts],
    env: { ...spec.env, PATH: `${HELPERS}:${toolsPath(toolbox)}` },
  };
}

/** A script's failure in the user's terms. */
export function scriptFailure(error: CommandFailure, kind: ScriptKind, image: Image, script: string): Failure {
  const { name, setting } = SCRIPTS[kind];
  return new Failure(`the ${name} ${script}, run for the image ${image.name}, ended with status ${error.status}`, {
    ...error.details,
    origin: image.origin(setting, script),
    cause: error,
  });
}
