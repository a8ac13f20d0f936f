// Keys of layers and of what is known about them.

import { createHash } from "node:crypto";

export function digestText(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A hash over a value in which the order of object keys does not count; short, as paths with it fill mount options. */
export function keyOf(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
  return digestText(text).slice(0, 32);
}
