// Runs one machine of a test, and the tests of sizes.

import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { artifactSize } from "../../outputs/size.ts";
import { formatBytes } from "../../report/quantity.ts";
import { judge } from "./judge.ts";
import { openLogs } from "./logs.ts";
import { type MachineTest, SIZE_TEST, type SizeTest } from "./plan.ts";
import type { TestResult } from "./result.ts";
import type { TestContext } from "./start.ts";
import { watchMachine } from "./watch.ts";

/**
 * Boots a machine for its tests, and ends it.
 * @param logs the directory that gets what it prints; it is made anew
 * @throws the signal's reason when the user interrupts
 */
export async function runMachineTest(machine: MachineTest, context: TestContext, logs: string): Promise<TestResult[]> {
  await using open = await openLogs(logs, `${context.directory}/result`);
  const watched = await watchMachine(machine, context, open);
  // Of a test that prints nothing there is nothing to keep.
  if (machine.test === undefined && existsSync(open.file("output"))) await rm(open.file("output"));
  return await judge(machine, watched, open);
}

/** Whether an output is as small as it is to be. @param path of the output */
export function runSizeTest({ image, limit }: SizeTest, path: string): TestResult {
  const size = artifactSize(path);
  const base = { image: image.name, name: SIZE_TEST, seconds: 0 };
  if (size <= limit) return { ...base, verdict: "passed" };
  const reason = `it has ${formatBytes(size)}, and TestMaxSize= allows ${formatBytes(limit)}`;
  return { ...base, verdict: "failed", reason };
}
