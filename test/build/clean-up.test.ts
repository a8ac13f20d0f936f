import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { StepContext } from "../../src/build/image-build.ts";
import { cleanUp } from "../../src/build/steps/clean-up.ts";
import { makeProject } from "../support/project.ts";

const METADATA = [{ program: "dpkg", paths: ["var/lib/dpkg"] }];

/** Whether the package manager's database is still there after the step. */
async function survives(format: string, cleanPackageMetadata: string, withProgram: boolean): Promise<boolean> {
  const root = makeProject({ var: { lib: { dpkg: { status: "Package: bash\n" } } } });
  if (withProgram) {
    mkdirSync(join(root, "usr/bin"), { recursive: true });
    writeFileSync(join(root, "usr/bin/dpkg"), "");
  }
  const config = { format, cleanPackageMetadata, removeFiles: [], sourceDateEpoch: null };
  await cleanUp.run({ root, image: { config }, packageManager: { metadata: METADATA } } as unknown as StepContext);
  return existsSync(join(root, "var/lib/dpkg/status"));
}

test.each([
  ["disk", "auto", false, false],
  ["disk", "auto", true, true],
  ["cpio", "auto", false, false],
  // they may become the base of another image
  ["directory", "auto", false, true],
  ["tar", "auto", false, true],
  ["directory", "enabled", true, false],
  ["disk", "disabled", false, true],
] as const)("format %s, CleanPackageMetadata=%s, program in the image %s: database kept %s", async (...row) => {
  const [format, setting, withProgram, kept] = row;
  expect(await survives(format, setting, withProgram)).toBe(kept);
});
