// The process in the namespace is killed while bubblewrap makes a sandbox: nothing of that is left.

import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";

const CONF = `[Distribution]
Distribution=debian
Release=trixie
[Output]
Format=none
[Content]
Bootable=no
`;

test.skipIf(process.getuid?.() !== 0)("what is being made when the inner process is killed goes, too", async () => {
  const cwd = makeProject({ "mkosi.conf": CONF, "mkosi.sync": '#!/bin/sh\n[ -z "$MKOSI_RUN" ]\n', bin: {} });
  // bubblewrap's child waits for bubblewrap, which is gone, and knows nothing of the end of its parents.
  const bubblewrap = join(cwd, "bin/bwrap");
  const pids = join(cwd, "pids");
  writeFileSync(
    bubblewrap,
    `#!/bin/sh\nsleep 600 </dev/null >/dev/null 2>&1 &\necho $! $$ $PPID >${pids}.new\nmv ${pids}.new ${pids}\nwait\n`,
  );
  chmodSync(bubblewrap, 0o755);
  const isThere = (pid: string) =>
    existsSync(`/proc/${pid}/environ`) && readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
  let inner = "";
  const timer = setInterval(() => {
    if (!existsSync(pids) || inner !== "") return;
    inner = readFileSync(pids, "utf8").trim().split(" ")[2] as string;
    process.kill(Number(inner), "SIGKILL");
  }, 20);
  onTestFinished(() => clearInterval(timer));
  const { status } = await mkosi(["-f"], { cwd, env: { PATH: `${join(cwd, "bin")}:${process.env["PATH"] ?? ""}` } });
  expect(status).toBe(137);
  const started = readFileSync(pids, "utf8").trim().split(" ");
  onTestFinished(() => {
    for (const pid of started.slice(0, 2).filter(isThere)) process.kill(Number(pid), "SIGKILL");
  });
  expect(started.filter(isThere)).toEqual([]);
  expect(readdirSync(cwd)).not.toContain("image");
  // Programs do not see by what their sandboxes are known.
  await mkosiOk(["-f"], { cwd });
});
