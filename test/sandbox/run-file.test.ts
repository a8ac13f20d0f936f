import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { mkosi } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";

test("a script that supplies a value ends when only mkosi is interrupted", async () => {
  const project = makeProject({
    "mkosi.conf": "[Distribution]\nDistribution=debian\n",
    "mkosi.version": "#!/bin/sh\necho $$ >pid\necho started >&2\nexec sleep 100\n",
  });
  const { status } = await mkosi(["summary"], {
    cwd: project,
    onOutput: (text, child) => {
      if (text.includes("started")) child.kill("SIGINT");
    },
  });
  expect(status).toBe(130);
  const pid = readFileSync(join(project, "pid"), "utf8").trim();
  const isRunning = () =>
    existsSync(`/proc/${pid}`) && !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  for (let tries = 0; isRunning() && tries < 50; tries++) await setTimeout(20);
  expect(isRunning()).toBe(false);
});
