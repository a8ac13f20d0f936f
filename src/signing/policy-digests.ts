// SplitArtifacts=pcrs without a signature: digests of policies that ukify prints while it makes the image, kept until the
// image is packed.

import { existsSync } from "node:fs";
import { join } from "node:path";

const NAME = "pcrs.json";

/** Where the step that makes the kernel images puts them. @param directory the step's notes, or while packing scratch */
export function policyDigestsIn(directory: string): string {
  return join(directory, NAME);
}

/** The file in the first of the directories that has one. */
export function keptPolicyDigests(directories: readonly string[]): string | undefined {
  return directories.map(policyDigestsIn).find(existsSync);
}
