// What all images of one run of the program share: a workspace, layers, the limit on what runs at once, and the
// signal that stops everything.

import { join } from "node:path";
import pLimit from "p-limit";
import { mainImage, type Project } from "../config/project.ts";
import { type EventSink, nodeReport } from "../report/events.ts";
import { debugShells, type FailureHook } from "../sandbox/debug-shell.ts";
import { termination } from "../sandbox/interrupt.ts";
import { keepOwnersIn } from "../sandbox/own-places.ts";
import { createRunner } from "../sandbox/spawn.ts";
import type { Runner } from "../sandbox/spec.ts";
import { createKeptWorkspace, createWorkspace } from "../sandbox/workspace.ts";
import { type ProgressRecorder, recordProgress } from "./debug-progress.ts";
import type { Slots } from "./graph.ts";
import { type SandboxTrees, sandboxTreesIn } from "./sandbox-trees.ts";
import { createLayerStore, type LayerStore } from "./store/layers.ts";
import { openStore, type Store } from "./store/store.ts";

export interface WorkshopOptions {
  readonly events: EventSink;
  /** Steps that may run at once. */
  readonly jobs: number;
  /** The user's cache directory. */
  readonly cache: string;
  /** Stops everything. */
  readonly signal: AbortSignal;
  /** Whether layers that are kept are made again. */
  readonly fresh: boolean;
  readonly debugging?: Debugging;
}

/** The options of the command line by which somebody looks into a build. */
export interface Debugging {
  /** Whether a shell opens where a program has failed. */
  readonly shell: boolean;
  /** Whether the workspace stays. */
  readonly workspace: boolean;
  /** Whether strace(1) shows how sandboxes are made. */
  readonly sandbox: boolean;
}

export interface Workshop {
  /** Directory of this run, removed at its end. */
  readonly workspace: string;
  readonly layers: LayerStore;
  /** What is kept from build to build; undefined with Incremental=no. */
  readonly store: Store | undefined;
  /** What has been done so far. */
  readonly progress: ProgressRecorder;
  /** What SandboxTrees= make of toolboxes. */
  readonly sandboxTrees: SandboxTrees;
  readonly slots: Slots;
  readonly events: EventSink;
  /** The user's cache directory. */
  readonly cache: string;
  /** Aborts when the user interrupts or a node has failed. */
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** A runner whose programs' output belongs to a node. @param until what stops them; default: `signal` */
  runner(node: string, until?: AbortSignal): Runner;
  /** A line for the user. */
  say(text: string): void;
}

/** Where the layers of a project are kept. @param cache the user's cache directory */
export function storeDirectory(project: Project, cache: string): string {
  return mainImage(project).config.cacheDirectory ?? join(cache, "incremental");
}

/** Where the configuration has directories for trees. */
function keptDirectories({ images }: Project): { path: string | null; setting: string }[] {
  return images.flatMap(({ config }) => [
    { path: config.workspaceDirectory, setting: "WorkspaceDirectory=" },
    { path: config.cacheDirectory, setting: "CacheDirectory=" },
    { path: config.packageCacheDirectory, setting: "PackageCacheDirectory=" },
  ]);
}

/** Makes the workspace and what goes with it; disposing of it removes the workspace. */
export async function openWorkshop(project: Project, options: WorkshopOptions): Promise<Workshop & AsyncDisposable> {
  const { workspaceDirectory, incremental, cacheSize } = mainImage(project).config;
  await keepOwnersIn(keptDirectories(project), options.cache);
  const { debugging } = options;
  const workspace =
    debugging?.workspace === true
      ? await createKeptWorkspace(workspaceDirectory, options.cache, project.directory)
      : await createWorkspace(workspaceDirectory, options.cache);
  const scratch = join(workspace.path, "layers");
  const store =
    incremental === "no"
      ? undefined
      : await openStore(storeDirectory(project, options.cache), {
          project: project.directory,
          scratch,
          fresh: options.fresh,
          size: cacheSize,
        });
  const sandboxTrees = sandboxTreesIn(join(workspace.path, "sandbox-trees"));
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const { events, cache } = options;
  const say = (text: string) => events({ type: "message", level: "info", text, time: Date.now() });
  const createOwnRunner = (node: string, until: AbortSignal, onFailure?: FailureHook) =>
    createRunner({
      ...{ directory: join(workspace.path, "sandbox"), log: nodeReport(node, events).output, signal: until },
      ...{ onFailure, trace: debugging?.sandbox },
    });
  const shells = () => debugShells(createOwnRunner("debug-shell", termination()), events);
  const onFailure = debugging?.shell === true ? shells() : undefined;
  return {
    workspace: workspace.path,
    layers: store?.layers ?? createLayerStore(scratch),
    store,
    progress: recordProgress(),
    sandboxTrees,
    slots: pLimit(options.jobs),
    events,
    cache,
    signal,
    abort: (reason) => failed.abort(reason),
    runner: (node, until = signal) => createOwnRunner(node, until, onFailure),
    say,
    async [Symbol.asyncDispose]() {
      await sandboxTrees[Symbol.asyncDispose]();
      await store?.[Symbol.asyncDispose]();
      await workspace[Symbol.asyncDispose]();
      if (debugging?.workspace === true) say(`Workspace: ${workspace.path}`);
    },
  };
}
