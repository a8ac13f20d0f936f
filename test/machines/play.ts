// A runner whose programs are played: QEMU connects to the real sockets and does what a test says, helpers make the
// sockets they are waited for by.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { onTestFinished } from "vitest";
import type { MachineContext } from "../../src/machines/context.ts";
import type { Mount, Runner, RunningProgram, SandboxSpec } from "../../src/sandbox/spec.ts";
import type { Config } from "../../src/settings/index.ts";
import { makeImage } from "../support/image.ts";

export interface PlayedProgram {
  readonly spec: SandboxSpec;
  /** Ends it, after printing. */
  end(status: number, output?: string): void;
}

export interface PlayedQemu extends PlayedProgram {
  /** Prints without ending. */
  print(output: string): void;
  /** Connects and greets; `status` is what query-status answers. Resolves when it is told to go on. */
  boot(status?: string): Promise<void>;
  event(name: string, data?: object): void;
  /** The guest writes to its console. */
  write(text: string): void;
  /** The guest's systemd says something over its vsock. */
  notify(text: string): Promise<void>;
}

export interface Play {
  readonly context: MachineContext;
  /** Everything that was run or started. */
  readonly specs: SandboxSpec[];
  readonly said: string[];
  readonly noted: string[];
  /** What the console has shown. */
  shown(): string;
  /** The helpers that run, by the name of their program. */
  readonly helpers: Map<string, PlayedProgram>;
  command(index: number): string;
}

/** A context for an image in a directory of its own with some files; `qemu` plays each start of QEMU. */
export function play(
  config: Partial<Config>,
  qemu: (machine: PlayedQemu) => Promise<void>,
  changes: Partial<MachineContext> = {},
): Play {
  const root = mkdtempSync(join(tmpdir(), "machine-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const directory of ["tools/usr/bin", "tools/usr/share/qemu/firmware", "run", "out"])
    mkdirSync(join(root, directory), { recursive: true });
  for (const name of ["qemu-system-x86_64", "qemu-img", "swtpm", "swtpm_setup", "vhost-device-vsock", "virtiofsd"])
    writeFileSync(join(root, "tools/usr/bin", name), "");
  writeFileSync(join(root, "tools/usr/share/vars.fd"), "vars");
  const firmware = {
    "interface-types": ["uefi"],
    mapping: { executable: { filename: "/usr/share/code.fd" }, "nvram-template": { filename: "/usr/share/vars.fd" } },
    targets: [{ architecture: "x86_64", machines: ["pc-q35-*"] }],
    features: [],
  };
  writeFileSync(join(root, "tools/usr/share/qemu/firmware/60.json"), JSON.stringify(firmware));
  const out = (name: string) => join(root, "out", name);
  for (const name of ["image", "image.vmlinuz", "image.initrd"]) writeFileSync(out(name), "x".repeat(4096));

  const specs: SandboxSpec[] = [];
  const said: string[] = [];
  const noted: string[] = [];
  const helpers = new Map<string, PlayedProgram>();
  const output = new PassThrough();
  let shown = "";
  output.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
  });

  const runner: Runner = {
    async run(spec) {
      specs.push(spec);
      return { stdout: "QEMU emulator version 11.1.2 (Debian)\n" };
    },
    async start(spec) {
      specs.push(spec);
      const { program, played, print } = playedProgram(spec);
      const name = spec.argv[0]?.split("/").at(-1) ?? "";
      if (name.startsWith("qemu-system")) void qemu(playedQemu(spec, played, print));
      else {
        helpers.set(name, played);
        const socket = /(?:vsock-device|tpm-control|shared-\d|machine\/journal)/
          .exec(spec.argv.join(" "))?.[0]
          .split("/")
          .at(-1);
        if (socket !== undefined && !existsSync(join(hostPath(spec), socket)))
          writeFileSync(join(hostPath(spec), socket), "");
      }
      return program;
    },
  };
  const context: MachineContext = {
    image: makeImage({ output: "image", machine: "test", architecture: "x86-64", timezone: null, ...config }),
    files: { image: out("image"), kernel: out("image.vmlinuz"), initrd: out("image.initrd"), uki: out("image.efi") },
    runner,
    toolbox: { kind: "tree", root: join(root, "tools"), searchPaths: [] },
    kvmUsable: true,
    directory: join(root, "run"),
    projectDirectory: root,
    args: [],
    terminal: { input: new PassThrough(), output },
    environment: { TERM: "vt100" },
    records: undefined,
    signal: new AbortController().signal,
    helpers: [],
    say: (text) => said.push(text),
    note: (text) => noted.push(text),
    ...changes,
  };
  return {
    context,
    specs,
    said,
    noted,
    helpers,
    shown: () => shown,
    command(index) {
      const starts = specs.filter(({ argv }) => argv[0]?.includes("/qemu-system") && argv[1] !== "--version");
      return starts[index]?.argv.join(" ") ?? "";
    },
  };
}

/** The host's directory of a machine. */
function hostPath(spec: SandboxSpec): string {
  const mount = spec.mounts?.find((entry: Mount) => entry.type === "bind" && entry.target === "/run/machine");
  if (mount?.type !== "bind") throw new Error("the machine's directory is not mounted");
  return mount.source;
}

function playedProgram(spec: SandboxSpec): {
  program: RunningProgram;
  played: PlayedProgram;
  print: (text: string) => void;
} {
  let finish: (status: number) => void = () => {};
  let tail = "";
  const finished = new Promise<number>((resolve) => {
    finish = resolve;
  });
  const stop = async () => {
    finish(143);
    await finished;
  };
  const print = (text: string) => {
    tail += text;
  };
  const end = (status: number, text = "") => {
    print(text);
    finish(status);
  };
  return {
    program: { pid: 1, finished, tail: () => tail, stop, [Symbol.asyncDispose]: stop },
    played: { spec, end },
    print,
  };
}

function playedQemu(spec: SandboxSpec, played: PlayedProgram, print: (text: string) => void): PlayedQemu {
  const directory = hostPath(spec);
  let qmp: Socket | undefined;
  let console: Socket | undefined;
  return {
    ...played,
    print,
    end(status, output) {
      qmp?.destroy();
      console?.end();
      played.end(status, output);
    },
    async boot(status = "running") {
      const control = await connected(join(directory, "qmp"));
      qmp = control;
      if (spec.argv.some((argument) => argument.startsWith("socket,id=console")))
        console = await connected(join(directory, "console"));
      const goesOn = new Promise<void>((resolve) => {
        const lines = createInterface({ input: control });
        lines.on("error", () => {});
        lines.on("line", (line) => {
          const request = JSON.parse(line) as { execute: string; id: number };
          control.write(`${JSON.stringify({ return: { status }, id: request.id })}\n`);
          if (request.execute === "cont") resolve();
          if (request.execute === "quit") played.end(0);
        });
      });
      control.write('{"QMP": {}}\n');
      await goesOn;
    },
    event: (name, data = {}) => void qmp?.write(`${JSON.stringify({ event: name, data })}\n`),
    write: (text) => void console?.write(text),
    async notify(text) {
      const port = /vsock-stream:2:(\d+)/.exec(await credential(directory))?.[1];
      const socket = await connected(join(directory, `vsock_${port}`));
      socket.resume();
      socket.write(text);
      await new Promise((resolve) => socket.once("close", resolve));
    },
  };
}

async function credential(directory: string): Promise<string> {
  const { readdir, readFile } = await import("node:fs/promises");
  for (const name of await readdir(join(directory, "credentials"))) {
    const text = await readFile(join(directory, "credentials", name), "utf8");
    const value = /^io\.systemd\.credential\.binary:vmm\.notify_socket=(.*)$/.exec(text)?.[1];
    if (value !== undefined) return Buffer.from(value, "base64").toString();
  }
  return "";
}

async function connected(path: string): Promise<Socket> {
  const socket = connect(path);
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}
