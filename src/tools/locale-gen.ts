// Locales of Debian-like systems and Arch Linux, which are compiled on the machine from a list in /etc.

import type { TreeContext } from "./context.ts";
import { readInside } from "./inside.ts";

/** Compiles the locales that etc/locale.gen asks for, with the image's own program. @throws {CommandFailure} */
export async function runLocaleGen(context: TreeContext): Promise<void> {
  if (!(await generatesLocales(context.root))) return;
  await context.runner.run({ argv: ["locale-gen"], base: { kind: "image", root: context.root }, output: "log" });
}

/** Whether etc/locale.gen asks for any locale. */
export async function generatesLocales(root: string): Promise<boolean> {
  const list = readInside(root, "etc/locale.gen") ?? "";
  return list.split("\n").some((line) => /^\s*[^#\s]/.test(line));
}
