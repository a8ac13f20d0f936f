// Locales of Debian-like systems and Arch Linux, which are compiled on the machine from a list in /etc.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TreeContext } from "./context.ts";

/** Compiles the locales that etc/locale.gen asks for, with the image's own program. @throws {CommandFailure} */
export async function runLocaleGen(context: TreeContext): Promise<void> {
  const list = await readFile(join(context.root, "etc/locale.gen"), "utf8").catch(() => "");
  if (!list.split("\n").some((line) => /^\s*[^#\s]/.test(line))) return;
  await context.runner.run({ argv: ["locale-gen"], base: { kind: "image", root: context.root }, output: "log" });
}
