// Values as the page shows them.

import { formatBytes } from "../report/quantity.ts";

export const bytes = formatBytes;

export function signedBytes(value: number): string {
  return value === 0 ? "±0 B" : `${value < 0 ? "−" : "+"}${formatBytes(Math.abs(value))}`;
}

const TYPES: Readonly<Record<string, string>> = { d: "d", l: "l", v: "c", p: "p", s: "s" };

/** As ls(1) writes it: `drwxr-xr-x`. */
export function modeText(type: string, mode: number): string {
  const bit = (mask: number, letter: string) => ((mode & mask) === 0 ? "-" : letter);
  const last = (mask: number, execute: number, [both, alone]: readonly [string, string]) =>
    (mode & mask) === 0 ? bit(execute, "x") : (mode & execute) === 0 ? alone : both;
  return [
    TYPES[type] ?? "-",
    ...[bit(0o400, "r"), bit(0o200, "w"), last(0o4000, 0o100, ["s", "S"])],
    ...[bit(0o040, "r"), bit(0o020, "w"), last(0o2000, 0o010, ["s", "S"])],
    ...[bit(0o004, "r"), bit(0o002, "w"), last(0o1000, 0o001, ["t", "T"])],
  ].join("");
}
