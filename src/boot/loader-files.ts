// Boot loaders that a distribution ships ready to start, found in the tree by patterns.

import { basename } from "node:path";
import { globSync } from "../settings/types/glob.ts";
import type { TreeContext } from "../tools/context.ts";
import { fileInside } from "../tools/inside.ts";

/** The first file that one of the patterns matches, in our own mount namespace. Links are followed within the tree. */
export async function findLoader({ root }: TreeContext, patterns: readonly string[]): Promise<string | undefined> {
  for (const pattern of patterns) {
    for (const path of globSync(pattern, root)) {
      const file = fileInside(root, path);
      if (file !== undefined) return file;
    }
  }
  return undefined;
}

/** What a file is called on the EFI system partition: `mmx64.efi.signed` is `mmx64.efi` there. */
export function efiFileName(path: string): string {
  return basename(path).replace(/\.efi\..*$/, ".efi");
}
