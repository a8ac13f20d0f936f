// How the wrappers of this folder run a program of the toolbox, so that each of them only says what is its own.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import { CommandFailure } from "../sandbox/spawn.ts";
import type { Mount, Toolbox } from "../sandbox/spec.ts";
import { toolboxRoot } from "../sandbox/spec.ts";
import type { ImageContext, TreeContext } from "./context.ts";
import { fileInside } from "./inside.ts";

/** Where the image's tree is inside the sandbox. */
export const BUILDROOT = "/buildroot";

const DIRECTORIES = ["/usr/bin", "/usr/sbin", "/usr/lib/systemd"];

export interface ToolRun {
  readonly argv: readonly string[];
  /** Devices of the host that it needs. */
  readonly devices?: readonly string[];
  /** On top of the toolbox's own tree. */
  readonly mounts?: readonly Mount[];
  readonly env?: Readonly<Record<string, string>>;
  /** Text for standard input. */
  readonly input?: string;
  /** Statuses besides 0 that are a success for this program. */
  readonly accepted?: readonly number[];
  /** Whether the caller goes another way when it fails. */
  readonly mayFail?: boolean;
}

/** Options for a program, with what its sandbox needs for them. */
export interface ToolOptions {
  readonly argv: readonly string[];
  readonly mounts: readonly Mount[];
  readonly devices?: readonly string[];
}

/** Runs a program of the toolbox; what it prints goes to the log. @throws {CommandFailure} */
export async function runTool(context: ImageContext, run: ToolRun): Promise<void> {
  await launch(context, run, "log").catch((error: unknown) => {
    if (error instanceof CommandFailure && run.accepted?.includes(error.status) === true) return;
    throw error;
  });
}

/** The same for a program whose standard output is its result. @throws {CommandFailure} */
export async function captureTool(context: ImageContext, run: ToolRun): Promise<string> {
  return (await launch(context, run, "capture")).stdout;
}

/** The same, with the end of what it printed on standard error. @throws {CommandFailure} */
export async function captureBoth(context: ImageContext, run: ToolRun): Promise<{ stdout: string; printed: string }> {
  const { stdout, printed = "" } = await launch(context, run, "capture");
  return { stdout, printed };
}

async function launch(
  context: ImageContext,
  { argv, devices, mounts, env, input, accepted, mayFail }: ToolRun,
  output: "log" | "capture",
) {
  return await context.runner.run({
    argv,
    base: { kind: "tools", toolbox: context.toolbox },
    ...(mounts === undefined ? {} : { mounts }),
    ...(devices === undefined ? {} : { devices }),
    env: { ...context.image.config.environment, ...epoch(context), ...env },
    ...(input === undefined ? {} : { input }),
    output,
    ...{ accepted, mayFail },
  });
}

/** What reproducible-builds.org/specs/source-date-epoch asks programs to read. */
function epoch(context: ImageContext): Record<string, string> {
  const { sourceDateEpoch } = context.image.config;
  return sourceDateEpoch === null ? {} : { SOURCE_DATE_EPOCH: String(sourceDateEpoch) };
}

/** The image's tree at /buildroot. */
export function rootMount(context: TreeContext, access: "read-write" | "read-only" = "read-write"): Mount {
  return { type: "bind", source: context.root, target: BUILDROOT, readOnly: access === "read-only" };
}

/** The image's own users and groups in place of the sandbox's, for programs that look up names without a --root=. */
export function userMounts(context: TreeContext): Mount[] {
  return ["passwd", "group"].flatMap((name) => {
    const source = fileInside(context.root, `etc/${name}`);
    return source === undefined ? [] : [{ type: "bind", source, target: `/etc/${name}`, readOnly: true }];
  });
}

/** Whether the toolbox has a program. @param name may be a path in it */
export function hasTool(toolbox: Toolbox, name: string): boolean {
  const root = toolboxRoot(toolbox);
  if (name.startsWith("/")) return existsSync(join(root, name));
  const directories = [...toolbox.searchPaths, ...DIRECTORIES.map((directory) => join(root, directory))];
  return directories.some((directory) => existsSync(join(directory, name)));
}

/** Makes sure that a program is there. `purpose`: `to make disk images`. @throws {Failure} naming the program */
export function requireTool(context: ImageContext, name: string, purpose: string): void {
  if (hasTool(context.toolbox, name)) return;
  const place = context.toolbox.kind === "tree" ? `the tools tree ${context.toolbox.root}` : "this machine";
  throw new Failure(`${name} is not in ${place}, and it is needed ${purpose}`, {
    remedy:
      context.toolbox.kind === "tree"
        ? "add its package to the tools tree (ToolsTreePackages=)"
        : "install it, or set ToolsTree=default",
  });
}

const versions = new WeakMap<Toolbox, Map<string, Promise<number>>>();

/** The major version of one of systemd's programs, asked once for each toolbox; 0 when it does not say. */
export function systemdVersion(context: ImageContext, program: string): Promise<number> {
  const known = versions.get(context.toolbox) ?? new Map<string, Promise<number>>();
  versions.set(context.toolbox, known);
  const version = known.get(program) ?? captureTool(context, { argv: [program, "--version"] }).then(parseVersion);
  known.set(program, version);
  return version;
}

/** `systemd 262 (262-1)`, `ukify 257.13`. */
function parseVersion(text: string): number {
  return Number(/^\S+ (\d+)/.exec(text)?.[1] ?? 0);
}
