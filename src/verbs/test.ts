// `mkosi test`: boots the images, each time anew, and tells whether they are as their tests expect. Its exit status is 0
// when no test has failed.

import { accessSync, constants, existsSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { projectToolbox } from "../build/toolbox.ts";
import type { Workshop } from "../build/workshop.ts";
import { type Image, outputDirectoryOf, type Project } from "../config/project.ts";
import { kvmUsable } from "../machines/accelerator.ts";
import { qemuPrograms } from "../machines/architecture.ts";
import { junitXml } from "../machines/testing/junit.ts";
import { type MachineTest, planTests, type TestPlan } from "../machines/testing/plan.ts";
import type { TestResult } from "../machines/testing/result.ts";
import { runMachineTest, runSizeTest } from "../machines/testing/run.ts";
import { tapText } from "../machines/testing/tap.ts";
import { imageName } from "../outputs/names.ts";
import type { EventSink } from "../report/events.ts";
import { ExitStatus, Failure } from "../report/failure.ts";
import { print } from "../report/print.ts";
import { tryLock } from "../sandbox/lock.ts";
import { callerIds } from "../sandbox/namespace.ts";
import type { Toolbox } from "../sandbox/spec.ts";
import { ensureBuilt } from "./build.ts";
import { withReport, workshopFor } from "./session.ts";
import type { Invocation, Verb } from "./verb.ts";
import { bootFiles } from "./vm.ts";

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    const started = new Date();
    if (invocation.args.junit !== undefined) checkReport(invocation.args.junit);
    const first = planFor(invocation, await invocation.project());
    const project = await ensureBuilt(invocation, programsFor(first), first.images);
    const results = await runTests(invocation, project);
    const { tap, junit } = invocation.args;
    if (tap) print(tapText(results));
    if (junit !== undefined) writeReport(junit, junitXml(results, started));
    if (results.some(({ verdict }) => verdict === "failed")) throw new ExitStatus(1);
  },
};

function planFor({ args }: Invocation, project: Project): TestPlan {
  return planTests(project, { image: args.image, tests: args.verbArguments, uid: callerIds().uid });
}

function programsFor({ machines }: TestPlan): string[] {
  return [
    ...new Set(
      machines.flatMap(({ image, kind }) =>
        kind === "container" ? ["systemd-nspawn"] : qemuPrograms({ ...image.config, ephemeral: true }),
      ),
    ),
  ];
}

async function runTests(invocation: Invocation, project: Project): Promise<TestResult[]> {
  return await withReport(invocation, async (events) => {
    await using workshop = await workshopFor(invocation, project, events);
    const toolbox = await projectToolbox(workshop, project);
    // Configure scripts may have changed it.
    const plan = planFor(invocation, project);
    await using _locks = await lockLogs(project, plan);
    const tell = (result: TestResult) =>
      events({ type: "test-finished", node: result.image, time: Date.now(), ...result });
    const sizes = plan.sizes.map((size) => runSizeTest(size, outputOf(project, size.image)));
    sizes.forEach(tell);
    const machines = plan.machines.map((machine, index) =>
      workshop.slots(async () => {
        const results = await runOne(workshop, toolbox, project, { machine, index, events });
        results.forEach(tell);
        return results;
      }),
    );
    const settled = await Promise.allSettled(machines);
    const rejected = settled.find((each) => each.status === "rejected");
    if (rejected !== undefined) throw rejected.reason;
    const results = [...sizes, ...settled.flatMap((each) => (each.status === "fulfilled" ? each.value : []))];
    workshop.say(summary(results));
    return results;
  });
}

function outputOf(project: Project, image: Image): string {
  return join(outputDirectoryOf(project, image), imageName(image.config));
}

function logsOf(project: Project, image: Image): string {
  return join(outputDirectoryOf(project, image), `${image.config.output}.test`);
}

/** Nobody else writes to the logs. @throws {Failure} when somebody tests an image already */
async function lockLogs(project: Project, { machines }: TestPlan): Promise<AsyncDisposable> {
  const locks: AsyncDisposable[] = [];
  const release = async () => {
    await Promise.all(locks.map((lock) => lock[Symbol.asyncDispose]()));
  };
  try {
    for (const image of new Set(machines.map((machine) => machine.image)))
      locks.push(await lockLogsOf(image, logsOf(project, image)));
  } catch (cause) {
    await release();
    throw cause;
  }
  return { [Symbol.asyncDispose]: release };
}

async function lockLogsOf({ name }: Image, directory: string): Promise<AsyncDisposable> {
  await mkdir(directory, { recursive: true });
  const lock = await tryLock(directory);
  if (lock !== undefined) return lock;
  throw new Failure(`another mkosi test of the image ${name} is running, and writes to ${directory}`, {
    remedy: "wait until it is done, or test another image (--image=NAME)",
  });
}

interface OneMachine {
  readonly machine: MachineTest;
  readonly index: number;
  readonly events: EventSink;
}

async function runOne(
  workshop: Workshop,
  toolbox: Toolbox,
  project: Project,
  { machine, index, events }: OneMachine,
): Promise<TestResult[]> {
  const { image } = machine;
  const node = `${image.name}/${machine.name}`;
  workshop.signal.throwIfAborted();
  const time = () => Date.now();
  events({ type: "node-started", node, time: time() });
  events({
    type: "phase-started",
    node,
    phase: machine.kind === "vm" ? "Testing in a machine" : "Testing in a container",
    time: time(),
  });
  try {
    return await runMachineTest(
      machine,
      {
        toolbox,
        runner: (until) => workshop.runner(node, until),
        directory: await mkdtemp(join(workshop.workspace, "test-")),
        projectDirectory: project.directory,
        files: bootFiles(project, image),
        kvmUsable: kvmUsable(),
        environment: process.env,
        machine: `test-${process.pid}-${index + 1}`,
        signal: workshop.signal,
        note: (text) => events({ type: "output", node, text: `${text}\n`, time: time() }),
      },
      join(logsOf(project, image), machine.name),
    );
  } finally {
    events({ type: "node-finished", node, time: time(), outcome: "done" });
  }
}

function summary(results: readonly TestResult[]): string {
  const count = (verdict: TestResult["verdict"]) => results.filter((result) => result.verdict === verdict).length;
  return `${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`;
}

/** Told before anything runs. @throws {Failure} */
function checkReport(path: string): void {
  try {
    accessSync(existsSync(path) ? path : dirname(resolve(path)), constants.W_OK);
  } catch (cause) {
    throw notWritable(cause);
  }
}

function writeReport(path: string, text: string): void {
  try {
    writeFileSync(resolve(path), text);
  } catch (cause) {
    throw notWritable(cause);
  }
}

function notWritable(cause: unknown): Failure {
  return new Failure(`the report of the tests cannot be written: ${(cause as Error).message}`, {
    origin: { kind: "option", option: "--junit" },
    remedy: "name a file in a directory that is there and can be written",
    cause,
  });
}
