// Without subordinate ids and without a kernel that is a program, a user is told of both ways.

import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mkosi } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";
import { unprivilegedUser } from "../support/user.ts";

const user = unprivilegedUser();
const missing = typeof user === "string" ? user : process.getuid?.() === 0 ? undefined : "needs root";

test.skipIf(missing !== undefined)(
  `a user without ids is told what to do${missing === undefined ? "" : `: ${missing}`}`,
  async () => {
    if (typeof user === "string") throw new Error(user);
    const cwd = makeProject({ "mkosi.conf": "[Distribution]\nDistribution=custom\n", home: {}, bin: {} });
    execFileSync("chmod", ["-R", "a+rwX", cwd]);
    const command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--inh-caps=-all", "--"];
    // Nothing in $PATH: also where the machine has User-mode Linux in a place of its own, it lacks the rest.
    const env = { HOME: join(cwd, "home"), XDG_CACHE_HOME: join(cwd, "home/cache"), PATH: "/bin" };
    const { status, stderr } = await mkosi(["build"], { cwd, user: { ...user, command, env } });
    rmSync(join(cwd, "home"), { recursive: true, force: true });
    expect(status).toBe(1);
    expect(stderr).toContain("user nobody has no 65536 subordinate ids in /etc/subuid");
    expect(stderr).toMatch(
      /help: as root: usermod --add-subuids .*kernel of its own, which needs .*linux\.uml \(user-mode-linux\)/s,
    );
  },
);
