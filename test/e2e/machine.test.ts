// Virtual machines that cost nothing: a boot sector says hello on the first serial port, types back what it is typed, and
// powers off at a "q". Its console, and what is left when one of its programs is killed.

import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { takeSnapshot } from "../support/cleanliness.ts";
import { CHECKOUT, mkosi } from "../support/mkosi.ts";
import { writeTree } from "../support/project.ts";

const CONF = `
[Distribution]
Distribution=debian
Release=trixie
[Output]
Format=disk
[Build]
ToolsTree=default
[Runtime]
Machine=boot-sector
Firmware=bios
RAM=128M
CPUs=1
KVM=no
TPM=no
VSock=no
RuntimeNetwork=none
`;

/** 16-bit code at 0x7c00; 0x604 is where the BIOS of a q35 has its power management. */
const CODE = [
  "31c0 8ed8 fc", // ds = 0
  "be307c baf803 ac 84c0 7403 ee ebf8", // print what is at 0x7c30
  "bafd03 ec a801 74f8 baf803 ec 3c71 7403 ee ebed", // read and print, until it is a q
  "ba0406 b80020 ef f4 ebfd", // power off
];

function bootSector(): Buffer {
  const disk = Buffer.alloc(1 << 20);
  Buffer.from(CODE.join("").replaceAll(" ", ""), "hex").copy(disk);
  disk.write("HELLO FROM THE GUEST\r\n\0", 0x30);
  disk.writeUInt16LE(0xaa55, 510);
  return disk;
}

function programOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0]?.split("/").at(-1) ?? "";
  } catch {
    return "";
  }
}

/** All processes below one, by their program's name. */
function descendants(pid: number): Map<string, number> {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const status = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It has just ended.
    }
  }
  const isBelow = (child: number): boolean => child === pid || (parents.has(child) && isBelow(parents.get(child) ?? 0));
  const found = new Map<string, number>();
  for (const child of parents.keys()) if (isBelow(child)) found.set(programOf(child), child);
  return found;
}

describe.skipIf(process.getuid?.() !== 0 || process.arch !== "x64")("a machine", () => {
  let cwd = "";

  beforeAll(() => {
    cwd = mkdtempSync("/tmp/mkosi-test-");
    writeTree(cwd, { "mkosi.conf": CONF });
    writeFileSync(join(cwd, "image.raw"), bootSector());
    return () => rmSync(cwd, { recursive: true, force: true });
  });

  // The virtio console has the keys at first, then QEMU's monitor, then what else is connected.
  const TO_SERIAL = "\u0001c\u0001c";
  const SERIAL = "--qemu-args=-serial chardev:console";

  /** On a terminal. */
  async function onTerminal(steps: readonly unknown[], ...options: string[]) {
    const script = join(CHECKOUT, "test/support/terminal.py");
    const argv = [script, JSON.stringify(steps), join(CHECKOUT, "bin/mkosi"), ...options, "vm"];
    const { stdout } = await promisify(execFile)("python3", argv, { cwd, timeout: 120_000 });
    return JSON.parse(stdout) as { status: number; restored: boolean; seen: string };
  }

  test("keys reach the guest, and the terminal is as before when that has powered off", async () => {
    const before = takeSnapshot();
    const { status, restored, seen } = await onTerminal(
      [
        ["HELLO FROM THE GUEST", `${TO_SERIAL}keys`],
        ["keys", "q"],
      ],
      SERIAL,
    );
    expect({ status, restored, seen }).toEqual({ status: 0, restored: true, seen: expect.stringContaining("keys") });
    expect(await before.leftovers()).toEqual([]);
  });

  test("Ctrl-a x ends a native console's machine, Ctrl-a c shows QEMU's monitor before", async () => {
    const { status, restored, seen } = await onTerminal(
      [
        ["HELLO FROM THE GUEST", "\u0001c"],
        ["(qemu)", "info status\r"],
        ["running", "\u0001x"],
      ],
      SERIAL,
    );
    expect({ restored, seen }).toEqual({ restored: true, seen: expect.stringContaining("VM status: running") });
    expect(status).toBe(0);
  });

  test("Ctrl-] three times ends an interactive console's machine", async () => {
    const end = await onTerminal([["qemu-system", "\x1d\x1d\x1d"]], "--console=interactive", "--debug");
    expect(end).toMatchObject({ status: 0, restored: true });
  });

  test("a read-only console shows and takes nothing", async () => {
    const steps = [
      ["qemu-system", "\x1d\x1d\x1dq"],
      ["\r\n", { signal: 15 }],
    ];
    const end = await onTerminal(steps, "--console=read-only", "--debug");
    expect(end).toMatchObject({ restored: true });
    expect(end.status).not.toBe(0);
  });

  /** Starts a machine with all helpers, kills one of its programs, and waits for the end. */
  async function without(name: string): Promise<{ status: number | null; words: string }> {
    const options = [`--runtime-tree=${cwd}`, "--forward-journal=j", "--tpm=yes", "--vsock=auto", SERIAL];
    const machine = spawn(join(CHECKOUT, "bin/mkosi"), [...options, "vm"], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let words = "";
    for (const stream of [machine.stdout, machine.stderr]) stream.on("data", (part) => (words += part.toString()));
    const ended = new Promise<number | null>((resolve) => void machine.once("close", resolve));
    // A helper that is gone before QEMU has connected with it is told about by QEMU.
    for (let tries = 0; tries < 300 && machine.exitCode === null && !words.includes("HELLO"); tries++) await delay(100);
    const pid = descendants(machine.pid ?? 0).get(name);
    if (pid === undefined) machine.kill();
    else process.kill(pid, "SIGKILL");
    return { status: await ended, words };
  }

  const all = process.env["MKOSI_TEST_ALL"] === "1";
  const KILLED = [
    ["qemu-system-x86_64", "QEMU was ended by signal 9"],
    ["virtiofsd", "virtiofsd, which the machine needs, has ended: the machine was stopped"],
    ["swtpm", "swtpm, which the machine needs, has ended"],
    ["vhost-device-vsock", "vhost-device-vsock, which the machine needs, has ended"],
    ["systemd-journal-remote", "systemd-journal-remote, which the machine needs, has ended"],
  ] as const;
  // One helper stands for all; each takes some seconds.
  test.each(all ? KILLED : KILLED.slice(0, 2))(
    "whose %s is killed ends with a message, and leaves nothing",
    async (name, message) => {
      // Where the kernel has a vsock, no daemon runs.
      if (name === "vhost-device-vsock" && existsSync("/dev/vhost-vsock")) return;
      const before = takeSnapshot();
      expect(await without(name)).toEqual({ status: 1, words: expect.stringContaining(message) });
      expect(await before.leftovers()).toEqual([]);
      expect(existsSync("/run/mkosi/machine/boot-sector.json")).toBe(false);
    },
  );

  test("whose QEMU refuses an argument ends at once, with QEMU's words", async () => {
    const { status, stderr } = await mkosi(["--console=headless", "vm", "--", "-device", "nothing"], { cwd });
    expect([status, stderr]).toEqual([1, expect.stringContaining("'nothing' is not a valid device model name")]);
  });

  test("on a host without systemd: Register=yes and vmspawn say what is missing", async () => {
    if (existsSync("/run/systemd/system")) return;
    for (const option of ["--register=yes", "--vmm=vmspawn"]) {
      const { status, stderr } = await mkosi([option, "vm"], { cwd });
      expect([status, stderr]).toEqual([1, expect.stringContaining("booted with systemd")]);
    }
  });

  const DISKS = [
    ["--disk-type=nvme"],
    ["--disk-type=virtio-scsi"],
    ["--removable=yes"],
    ["--cxl=yes", "--maxmem=256M"],
    ["--ephemeral=yes"],
  ].map((options) => ({ options }));
  test.runIf(all).each(DISKS)("is started from its disk with $options", async ({ options }) => {
    const { status, seen } = await onTerminal([["HELLO FROM THE GUEST", `${TO_SERIAL}q`]], SERIAL, ...options);
    expect({ status, seen }).toEqual({ status: 0, seen: expect.stringContaining("HELLO FROM THE GUEST") });
  });

  const kvm = existsSync("/dev/kvm") && all;
  test.skipIf(!kvm)("under KVM says hello, or is emulated where KVM cannot run its BIOS", async () => {
    const { status, restored } = await onTerminal([["HELLO FROM THE GUEST", `${TO_SERIAL}q`]], SERIAL, "--kvm=auto");
    expect({ status, restored }).toEqual({ status: 0, restored: true });
  });
});
