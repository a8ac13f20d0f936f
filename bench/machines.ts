// Machines whose start is measured: a guest of a few bytes says that it runs, and powers off.

import { appendFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What the guest prints first. */
export const GREETING = "HELLO FROM THE GUEST";
const IMAGE = "image.raw";
const MIB = 2 ** 20;

/** Both programs take it; nothing of the host (KVM, TPM, vsock) is in it. */
export const MACHINE_CONF = `
[Distribution]
Distribution=debian
Release=trixie
[Output]
Format=disk
[Runtime]
Machine=bench
Firmware=linux
Linux=kernel
KernelCommandLineExtra=root=/dev/vda
RAM=128M
CPUs=1
KVM=no
TPM=no
VSock=no
RuntimeNetwork=none
Console=native
QemuArgs=-serial chardev:console
`;

/** What both programs tell QEMU for that machine, less what only they need. */
export const BARE_QEMU = [
  ...[
    "qemu-system-x86_64",
    "-machine",
    "q35,smm=off,hpet=off",
    "-accel",
    "tcg",
    "-cpu",
    "max",
    "-smp",
    "1",
    "-m",
    "128M",
  ],
  ...["-nographic", "-nodefaults", "-no-user-config", "-nic", "none", "-chardev", "stdio,id=console,signal=off"],
  ...["-serial", "chardev:console", "-drive", `file=${IMAGE},format=raw,if=virtio`, "-kernel", "kernel"],
];

/** Makes kernel and image, of as many MiB, all of them written. The original looks for the link of a build. */
export function makeMachine(directory: string, mebibytes: number): void {
  writeFileSync(join(directory, "kernel"), multibootKernel());
  const image = join(directory, IMAGE);
  if (existsSync(image)) return;
  mkdirSync(directory, { recursive: true });
  for (let written = 0; written < mebibytes; written++) appendFileSync(image, Buffer.alloc(MIB, written + 1));
  symlinkSync(IMAGE, join(directory, "image"));
}

/** 32-bit code behind a multiboot header; 0x604 is the power management of a q35. */
function multibootKernel(): Buffer {
  const base = 0x100000;
  const [code, text, size] = [0x20, 0x80, 0x1000];
  const [magic, hasAddresses] = [0x1badb002, 0x10000];
  const kernel = Buffer.alloc(size);
  const header = [
    magic,
    hasAddresses,
    -(magic + hasAddresses) >>> 0,
    base,
    base,
    base + size,
    base + size,
    base + code,
  ];
  for (const [index, word] of header.entries()) kernel.writeUInt32LE(word, 4 * index);
  const instructions = [
    "be00000000", // esi: the text
    "66baf803 fc ac 84c0 7403 ee ebf8", // print it at the serial port
    "66ba0406 66b80020 66ef f4 ebfd", // power off
  ];
  Buffer.from(instructions.join("").replaceAll(" ", ""), "hex").copy(kernel, code);
  kernel.writeUInt32LE(base + text, code + 1);
  kernel.write(`${GREETING}\r\n\0`, text);
  return kernel;
}
