// Starts the container or virtual machine of a test: the image as it would be run otherwise, but with a copy of it, what is
// handed in, and a console that we read.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import type { Image } from "../../config/project.ts";
import type { Runner, Toolbox } from "../../sandbox/spec.ts";
import type { Config } from "../../settings/index.ts";
import { VSOCK_CID } from "../../settings/types/number.ts";
import type { BootFiles } from "../boot.ts";
import { runContainer } from "../container/run.ts";
import type { Accelerator } from "../machine.ts";
import { runMachine } from "../run.ts";
import { requireInit } from "./init.ts";
import type { MachineTest } from "./plan.ts";
import { expectationsScript, testScript } from "./runner-script.ts";
import {
  CHANNELS,
  type Channel,
  CONTAINER_CHANNELS,
  containerChannels,
  type HandedIn,
  handedIn,
  machineChannels,
  portName,
} from "./units.ts";

export interface TestContext {
  readonly toolbox: Toolbox;
  runner(until: AbortSignal): Runner;
  /** An empty directory of this machine, removed afterwards. */
  readonly directory: string;
  readonly projectDirectory: string;
  readonly files: BootFiles;
  readonly kvmUsable: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The machine's name, of no other one. */
  readonly machine: string;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
  note(text: string): void;
}

export interface StartOptions {
  /** Ends the machine at once. */
  readonly signal: AbortSignal;
  /** The file of a channel, which is there. */
  file(channel: Channel): string;
  onConsole(piece: Buffer): void;
  /** Called when the machine starts, and when it is started again without KVM. */
  onStart(accelerator?: Accelerator["kind"]): void;
}

/** Runs the machine to its end. @throws {Failure} when it cannot be started; the signal's reason when it aborts */
export async function runTestMachine(machine: MachineTest, context: TestContext, options: StartOptions): Promise<void> {
  const script = machine.test === undefined ? expectationsScript(machine.expectations) : testScript();
  const start = machine.kind === "container" ? startContainer : startMachine;
  await start(machine, script, context, options);
}

async function startContainer(
  { image, test }: MachineTest,
  script: string,
  context: TestContext,
  { signal, file, onConsole, onStart }: StartOptions,
): Promise<void> {
  const given = handedIn(containerChannels, script, test);
  const places = new Map([
    ...[...given.units].map(([name, text]) => [`/run/systemd/system/${name}`, text] as const),
    ...[...given.dropIns].map(([unit, text]) => [`/run/systemd/system/${unit}.d/50-mkosi-test.conf`, text] as const),
  ]);
  const files = await writeFiles(join(context.directory, "units"), places);
  const channels = CHANNELS.map((channel) => ({ source: file(channel), target: `${CONTAINER_CHANNELS}/${channel}` }));
  const directory = await newDirectory(context, "container");
  await runContainer({
    action: "boot",
    image: withConfig(image, {
      ...(await common(image, given, context)),
      runtimeTrees: [
        ...image.config.runtimeTrees,
        ...[...files].map(([target, source]) => ({ source, target })),
        ...channels,
      ],
      // Containers beside each other would listen at the same ports, and at this machine's.
      runtimeNetwork: image.config.runtimeNetwork === "interface" ? "interface" : "none",
    }),
    files: context.files,
    runner: context.runner(signal),
    toolbox: context.toolbox,
    directory,
    projectDirectory: context.projectDirectory,
    args: [],
    environment: context.environment,
    onConsole,
    onStart,
    signal,
  });
}

/** TestTimeout= bounds the boot; in emulated machines on busy computers devices take longer than systemd's 90 seconds. */
const PATIENCE = "systemd.default_device_timeout_sec=1h";

async function startMachine(
  { image, test }: MachineTest,
  script: string,
  context: TestContext,
  { signal, file, onConsole, onStart }: StartOptions,
): Promise<void> {
  requireInit(image, context.files);
  const given = handedIn(machineChannels, script, test);
  const credentials = new Map<string, string | Buffer>([
    ...[...given.units].map(([name, text]) => [`systemd.extra-unit.${name}`, text] as const),
    ...[...given.dropIns].map(([unit, text]) => [`systemd.unit-dropin.${unit}`, text] as const),
    ...given.credentials,
  ]);
  const shared = await common(image, { ...given, credentials }, context);
  const directory = await newDirectory(context, "machine");
  await runMachine({
    image: withConfig(image, {
      ...shared,
      console: "read-only",
      kernelCommandLineExtra: [PATIENCE, ...shared.kernelCommandLineExtra],
      vsock: image.config.vsock === "enabled" ? "enabled" : "disabled",
      vsockCid: VSOCK_CID.auto,
    }),
    files: context.files,
    runner: context.runner(signal),
    toolbox: context.toolbox,
    kvmUsable: context.kvmUsable,
    directory,
    projectDirectory: context.projectDirectory,
    args: [],
    terminal: {
      input: new PassThrough(),
      output: new Writable({
        write(piece: Buffer, _encoding, done) {
          onConsole(piece);
          done();
        },
      }),
    },
    environment: {},
    records: undefined,
    ports: CHANNELS.map((channel) => ({ name: portName(channel), file: file(channel) })),
    onStart,
    signal,
    helpers: [],
    say: context.note,
    note: context.note,
  });
}

/** What tests change about how an image is run. */
async function common(
  image: Image,
  given: HandedIn,
  context: TestContext,
): Promise<Partial<Config> & Pick<Config, "kernelCommandLineExtra">> {
  const { config } = image;
  const files = await writeFiles(join(context.directory, "credentials"), given.credentials);
  return {
    ephemeral: true,
    machine: context.machine,
    register: "disabled",
    forwardJournal: null,
    credentials: [...config.credentials, ...[...files].map(([name, path]) => ({ name, path, value: null }))],
    kernelCommandLineExtra: [...config.kernelCommandLineExtra, ...given.wants.map((unit) => `systemd.wants=${unit}`)],
  };
}

function withConfig(image: Image, changes: Partial<Config>): Image {
  return { ...image, config: { ...image.config, ...changes } };
}

/** Writes each text to a file. @returns the files' paths, by the texts' names */
async function writeFiles(
  directory: string,
  texts: ReadonlyMap<string, string | Buffer>,
): Promise<Map<string, string>> {
  await mkdir(directory, { recursive: true });
  const files = [...texts].map(async ([name, text], index) => {
    const path = join(directory, String(index));
    await writeFile(path, text, { mode: 0o644 });
    return [name, path] as const;
  });
  return new Map(await Promise.all(files));
}

async function newDirectory({ directory }: TestContext, name: string): Promise<string> {
  const path = join(directory, name);
  await mkdir(path);
  return path;
}
