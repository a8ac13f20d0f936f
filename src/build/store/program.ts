// Which program makes layers.

import { statSync } from "node:fs";
import { join } from "node:path";
import { VERSION } from "../../facts/version.ts";
import { keyOf } from "./key.ts";

/** A key of this program: another version may do things otherwise, and takes nothing of what this one has kept. */
export function programKey(): string {
  const status = statSync(join(import.meta.dirname, "main.cjs"), { throwIfNoEntry: false });
  return keyOf([VERSION, status?.size, status?.mtimeMs]);
}
