// The program: command line → verb → exit status. Nothing else ends the process.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Arguments } from "./cli/arguments.ts";
import { parseCommandLine } from "./cli/argv.ts";
import { builds } from "./cli/verbs.ts";
import { ConfigurationFailure, type Diagnostic } from "./config/diagnostics.ts";
import type { RaisedVersion } from "./config/image-version.ts";
import { loadProject } from "./config/load-project.ts";
import type { Project } from "./config/project.ts";
import type { Machine } from "./config/session.ts";
import { ExitStatus, Failure } from "./report/failure.ts";
import { endsEvents } from "./report/ndjson.ts";
import { lostOutput, print, printDefect, printError, printFailure, printWarning } from "./report/print.ts";
import { original, systemFailure } from "./report/system-failure.ts";
import { NAMESPACE_MARK } from "./sandbox/namespace-mark.ts";
import { runFile } from "./sandbox/run-file.ts";
import type { OptionAssignment } from "./settings/option.ts";
import { loadVerb } from "./verbs/registry.ts";
import type { Invocation } from "./verbs/verb.ts";

/** Exit status for everything that is not somebody else's. */
const FAILED = 1;

async function main(): Promise<number> {
  const words = process.argv.slice(2);
  try {
    const { args, warnings } = parseCommandLine(words, process.cwd());
    const verb = await loadVerb(args.verb);
    // A verb that enters the namespace on its way has told of what is odd before: the program begins anew there.
    const told = !verb.needsNamespace && process.env[NAMESPACE_MARK] !== undefined;
    const quiet = args.quiet || told;
    if (verb.needsNamespace) {
      verb.beforeNamespace?.();
      const { enterNamespace } = await import("./sandbox/namespace.ts");
      await enterNamespace();
    }
    if (!quiet) for (const warning of warnings) printWarning(warning);
    await verb.run({ args, ...projectLoaders(args, quiet) });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof ExitStatus) return error.status;
    const first = original(error);
    await explain(systemFailure(first) ?? first, asksForJson(words));
    return FAILED;
  }
}

/** Whether a command line has --json, even one that cannot be understood. */
function asksForJson(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  return words.slice(0, end < 0 ? undefined : end).includes("--json");
}

/** Tells the user why it ended; with --json it is data, unless it is so already as the end of a build's events. */
async function explain(error: unknown, json: boolean): Promise<void> {
  if (json && error instanceof Failure && !endsEvents(error)) {
    const { diagnosticsJson, formatJson } = await import("./config/json.ts");
    const { message, details } = error;
    const diagnostics: readonly Diagnostic[] =
      error instanceof ConfigurationFailure ? error.diagnostics : [{ level: "error", message, ...details }];
    print(formatJson(diagnosticsJson(diagnostics)));
  } else if (error instanceof ConfigurationFailure)
    for (const diagnostic of error.diagnostics) printDiagnostic(diagnostic);
  else if (error instanceof Failure) printFailure(error);
  else printDefect(error);
}

function printDiagnostic({ level, message, origin, remedy, excerpt }: Diagnostic): void {
  printFailure(new Failure(message, { origin, remedy, excerpt }), level);
}

/** Reads the project once for each set of additional options. */
function projectLoaders(args: Arguments, quiet: boolean): Omit<Invocation, "args"> {
  const machine: Machine = { environment: process.env, builtin: builtinDirectory(), runFile };
  let first: Promise<Project> | undefined;
  let raised: RaisedVersion | undefined;
  const raisedVersion = async (): Promise<RaisedVersion | undefined> => {
    if (!args.autoBump || !builds(args.verb)) return undefined;
    const { raiseVersion } = await import("./config/image-version.ts");
    raised ??= raiseVersion(args, machine);
    return raised;
  };
  const load = async (additional: readonly OptionAssignment[]): Promise<Project> => {
    const version = (await raisedVersion())?.version;
    const assignments = [
      ...args.assignments,
      ...(version === undefined
        ? []
        : [{ key: "imageVersion", text: version, option: "--auto-bump", directory: process.cwd() } as const]),
      ...additional,
    ];
    const project = await loadProject({ ...args, assignments }, machine);
    if (!quiet && additional.length === 0) for (const warning of project.warnings) printDiagnostic(warning);
    return project;
  };
  return {
    async project(additional = []) {
      if (additional.length > 0) return await load(additional);
      first ??= load([]);
      return await first;
    },
    machine,
    raisedVersion,
    ofOptions: (assignments) => loadProject({ ...args, directory: undefined, assignments }, machine),
  };
}

/** The configuration trees that ship with the program, beside src/ or dist/. */
function builtinDirectory(): string {
  let directory = import.meta.dirname;
  while (!existsSync(join(directory, "builtin", "mkosi-initrd"))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error("the directory builtin/ is missing from this installation");
    directory = parent;
  }
  return join(directory, "builtin");
}

// What nobody waits for can fail, too: that is a defect, and is told like one.
process.on("uncaughtException", (error) => {
  printDefect(error);
  process.exit(FAILED);
});

// Reached only when something is waited for that can never happen any more.
process.on("beforeExit", () => {
  printDefect(new Error("the program ran out of work before it was done"));
  process.exit(FAILED);
});

void main()
  .then(finish)
  .then((status) => process.exit(status));

/** Lets what is still on its way to standard output and error get there, since an exit would cut it off. */
async function finish(status: number): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0 && !stream.destroyed)
      await new Promise<void>((done) => stream.write("", () => done()));
  }
  await new Promise(setImmediate); // errors of the last write are told then
  const lost = lostOutput();
  if (lost === undefined) return status;
  printError(`error: the output could not be written: ${lost.message}`);
  return status === 0 ? FAILED : status;
}
