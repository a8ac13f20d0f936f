// Reads the sections of PE files (EFI programs): unified kernel images keep kernel, initrd and command line in them.
// Follows Microsoft's PE format and the UAPI Group's Unified Kernel Image specification.

import { createReadStream, createWriteStream } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { readExactly } from "./read-at.ts";

export interface PeSection {
  /** With its dot, as in `.linux`. */
  readonly name: string;
  /** Where the data begins in the file, in bytes. */
  readonly offset: number;
  /** Bytes of data, without the padding that fills up the last block. */
  readonly size: number;
}

export interface PeFile {
  /** The COFF machine type: 0x8664 for x86-64, 0xaa64 for arm64. */
  readonly machine: number;
  readonly sections: readonly PeSection[];
}

/** What an EFI program is to a boot loader; `other`: not a PE file at all (a kernel for another firmware). */
export type KernelKind = "uki" | "addon" | "kernel" | "other";

const DOS_HEADER_SIZE = 64;
const PE_OFFSET_FIELD = 0x3c;
const FILE_HEADER_SIZE = 24;
const SECTION_HEADER_SIZE = 40;

/** Reads the headers of a PE file. Undefined when it is none. @throws what opening the file throws */
export async function readPe(path: string): Promise<PeFile | undefined> {
  await using file = await open(path);
  const dos = await readExactly(file, 0, DOS_HEADER_SIZE);
  if (dos === undefined || dos.toString("latin1", 0, 2) !== "MZ") return undefined;
  const start = dos.readUInt32LE(PE_OFFSET_FIELD);
  const header = await readExactly(file, start, FILE_HEADER_SIZE);
  if (header === undefined || header.readUInt32BE(0) !== 0x50450000) return undefined;
  const table = start + FILE_HEADER_SIZE + header.readUInt16LE(20);
  const headers = await readExactly(file, table, header.readUInt16LE(6) * SECTION_HEADER_SIZE);
  if (headers === undefined) return undefined;
  const sections: PeSection[] = [];
  for (let at = 0; at < headers.length; at += SECTION_HEADER_SIZE) {
    const name = headers.toString("latin1", at, at + 8).replace(/\0+$/, "");
    const [virtualSize, rawSize] = [headers.readUInt32LE(at + 8), headers.readUInt32LE(at + 16)];
    sections.push({ name, offset: headers.readUInt32LE(at + 20), size: Math.min(virtualSize, rawSize) });
  }
  return { machine: header.readUInt16LE(4), sections };
}

/** Tells a unified kernel image from a kernel that can be started by EFI and from everything else. */
export async function identifyKernel(path: string): Promise<KernelKind> {
  const pe = await readPe(path);
  if (pe === undefined) return "other";
  const names = new Set(pe.sections.map((section) => section.name));
  if (!names.has(".sdmagic")) return "kernel";
  if (names.has(".linux") && names.has(".osrel")) return "uki";
  return [".cmdline", ".dtb", ".initrd", ".ucode"].some((name) => names.has(name)) ? "addon" : "kernel";
}

/** The content of a section. Undefined when the file is no PE file or has no such section. */
export async function readSection(path: string, name: string): Promise<Buffer | undefined> {
  const section = await findSection(path, name);
  if (section === undefined) return undefined;
  await using file = await open(path);
  return await readExactly(file, section.offset, section.size);
}

/** The content of one of a file's sections. */
export async function readSectionAt(path: string, { offset, size }: PeSection): Promise<Buffer> {
  await using file = await open(path);
  return (await readExactly(file, offset, size)) ?? Buffer.alloc(0);
}

/** Where the optional header's size stands, counted from the PE signature, and the index of the certificates in its directories. */
const OPTIONAL_HEADER_SIZE = 20;
const CERTIFICATES = 4;

/** The Authenticode signatures of an EFI program, as DER encoded PKCS #7. None when it is not signed or damaged. */
export async function readCertificates(path: string): Promise<readonly Buffer[]> {
  await using file = await open(path);
  const start = (await readExactly(file, PE_OFFSET_FIELD, 4))?.readUInt32LE(0) ?? 0;
  const size = (await readExactly(file, start + OPTIONAL_HEADER_SIZE, 2))?.readUInt16LE(0) ?? 0;
  const header = await readExactly(file, start + FILE_HEADER_SIZE, size);
  if (header === undefined || size < 2) return [];
  // PE32+ has longer addresses.
  const entry = (header.readUInt16LE(0) === 0x20b ? 112 : 96) + 8 * CERTIFICATES;
  if (header.length < entry + 8) return [];
  const table = await readExactly(file, header.readUInt32LE(entry), header.readUInt32LE(entry + 4));
  const found: Buffer[] = [];
  if (table === undefined) return [];
  for (let at = 0; at + 8 < table.length; ) {
    const length = table.readUInt32LE(at);
    if (length <= 8) break;
    // WIN_CERT_TYPE_PKCS_SIGNED_DATA
    if (table.readUInt16LE(at + 6) === 2) found.push(derValue(table.subarray(at + 8, at + length)));
    at += Math.ceil(length / 8) * 8;
  }
  return found;
}

/** What is behind a value of ASN.1's is padding. */
function derValue(bytes: Buffer): Buffer {
  const first = bytes[1] ?? 0;
  const lengthBytes = first < 0x80 ? 0 : Math.min(first & 0x7f, 4);
  if (bytes.length < 2 + lengthBytes) return bytes;
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes);
  return bytes.subarray(0, 2 + lengthBytes + length);
}

/** Copies a section into a file of its own. False when there is no such section; then nothing is written. */
export async function extractSection(path: string, name: string, output: string): Promise<boolean> {
  const section = await findSection(path, name);
  if (section === undefined) return false;
  if (section.size === 0) await writeFile(output, "");
  else {
    const range = { start: section.offset, end: section.offset + section.size - 1, highWaterMark: 1024 * 1024 };
    await pipeline(createReadStream(path, range), createWriteStream(output));
  }
  return true;
}

async function findSection(path: string, name: string): Promise<PeSection | undefined> {
  return (await readPe(path))?.sections.find((section) => section.name === name);
}
