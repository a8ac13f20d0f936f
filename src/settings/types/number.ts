// Numbers and what is written as one: sizes, modes, levels, times, VSock connection ids.

import { strip } from "../../formats/white-space.ts";
import { scalar, ValueError, type ValueType } from "./value.ts";

const INTEGER = /^[+-]?[0-9]+(?:_[0-9]+)*$/;

/** @throws {ValueError} when the text is no whole number */
export function parseInteger(text: string, what = "whole number"): number {
  const trimmed = strip(text);
  const value = INTEGER.test(trimmed) ? Number(trimmed.replaceAll("_", "")) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new ValueError(`“${text}” is not a ${what}`);
  return value;
}

function notNegative(value: number, what: string): number {
  if (value < 0) throw new ValueError(`${what} cannot be negative`);
  return value;
}

/** Any whole number. */
export const integer: ValueType<number, null> = scalar(
  { label: "a whole number", metavar: "NUMBER", schema: { type: "integer" }, parse: (text) => parseInteger(text) },
  null,
);

const FACTORS: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 };
const DECIMAL = /^[+-]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const PAGE = 4096;

/**
 * A size in bytes, rounded up to whole pages of 4096 bytes; `K`, `M` and `G` are powers of 1024.
 * @throws {ValueError} when the text is no size or the size is not positive
 */
export function parseBytes(text: string): number {
  const factor = FACTORS[text.slice(-1)] ?? 1;
  const digits = strip(factor > 1 ? text.slice(0, -1) : text);
  if (!DECIMAL.test(digits)) {
    throw new ValueError(`“${text}” is not a size`, {
      remedy: "Write a number of bytes, or a number followed by K, M or G.",
    });
  }
  const bytes = Math.ceil(Number(digits.replaceAll("_", "")) * factor);
  if (bytes <= 0 || !Number.isSafeInteger(bytes)) throw new ValueError(`“${text}” is out of range for a size`);
  return Math.ceil(bytes / PAGE) * PAGE;
}

/** Bytes in the shortest exact form: `2G`, `4096`. */
export function printBytes(bytes: number): string {
  for (const [unit, factor] of [
    ["G", 1024 ** 3],
    ["M", 1024 ** 2],
    ["K", 1024],
  ] as const) {
    if (bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}

/** A size in bytes. */
export const bytes: ValueType<number, null> = scalar(
  {
    label: "a size",
    metavar: "BYTES",
    schema: { type: "integer", minimum: PAGE },
    parse: parseBytes,
    print: printBytes,
  },
  null,
);

/** An access mode in octal. */
export const mode: ValueType<number, null> = scalar(
  {
    label: "an access mode in octal",
    metavar: "MODE",
    schema: { type: "integer", minimum: 0, maximum: 0o1777 },
    parse(text) {
      const digits = strip(text).replace(/^0[oO]/, "");
      if (!/^[0-7]+$/.test(digits))
        throw new ValueError(`“${text}” is not an access mode`, { remedy: "Write it in octal, like 0644." });
      const value = Number.parseInt(digits, 8);
      if (value > 0o1777) throw new ValueError(`“${text}” is greater than 1777`);
      return value;
    },
    print: (value) => value.toString(8).padStart(4, "0"),
  },
  null,
);

/** How hard to compress. */
export const compressLevel: ValueType<number, null> = scalar(
  {
    label: "a compression level",
    metavar: "LEVEL",
    schema: { type: "integer", minimum: 0 },
    parse: (text) => notNegative(parseInteger(text, "compression level"), "a compression level"),
  },
  null,
);

/** @throws {ValueError} when the text is no time in seconds since 1970 */
export function parseTimestamp(text: string): number {
  return notNegative(parseInteger(text, "time in seconds since 1970"), "the time");
}

/** Seconds since 1970. */
export const timestamp: ValueType<number, null> = scalar(
  {
    label: "a time in seconds since 1970",
    metavar: "TIMESTAMP",
    schema: { type: "integer", minimum: 0 },
    parse: parseTimestamp,
  },
  null,
);

/** Bytes of a disk's sectors. */
export const sectorSize: ValueType<number, null> = scalar(
  {
    label: "a sector size",
    metavar: "SIZE",
    schema: { enum: [512, 1024, 2048, 4096] },
    completion: { kind: "words", words: ["512", "1024", "2048", "4096"] },
    parse(text) {
      const size = parseInteger(text, "sector size");
      if (![512, 1024, 2048, 4096].includes(size)) {
        throw new ValueError(`“${text}” is not a sector size`, { remedy: "Write 512, 1024, 2048 or 4096." });
      }
      return size;
    },
  },
  null,
);

/** What stands for the connection ids that are not chosen by the user. */
export const VSOCK_CID = { auto: -1, hash: -2 } as const;

/** A VSock connection id. */
export const vsockCid: ValueType<number, null> = scalar(
  {
    label: "a VSock connection id",
    metavar: "NUMBER|auto|hash",
    schema: { type: "integer" },
    completion: { kind: "words", words: ["auto", "hash"] },
    parse(text) {
      if (text === "auto" || text === "hash") return VSOCK_CID[text];
      return checkCid(/^[+-]?[0-9_]+$/.test(strip(text)) ? parseInteger(text) : Number.NaN, text);
    },
    fromJson(json) {
      const cid = json as number;
      return cid === VSOCK_CID.auto || cid === VSOCK_CID.hash ? cid : checkCid(cid, String(cid));
    },
    print: (value) => (value === VSOCK_CID.auto ? "auto" : value === VSOCK_CID.hash ? "hash" : String(value)),
  },
  null,
);

function checkCid(cid: number, text: string): number {
  if (cid >= 3 && cid < 0xffffffff) return cid;
  throw new ValueError(`“${text}” is not a VSock connection id`, {
    remedy: "Write a number from 3 to 4294967294, “auto” or “hash”.",
  });
}
