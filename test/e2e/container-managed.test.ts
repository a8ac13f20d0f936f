// Containers on a machine that systemd manages: in a container whose process 1 is systemd, with systemd-machined, this
// checkout starts containers of an image inside.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { takeSnapshot } from "../support/cleanliness.ts";
import { CHECKOUT, mkosi, mkosiOk } from "../support/mkosi.ts";
import { type Tree, writeTree } from "../support/project.ts";
import { keptToolsTree } from "../support/tools-tree.ts";

const CONF = `
[Distribution]
Distribution=debian
Release=trixie
[Output]
Format=directory
[Content]
Bootable=no
`;

const OUTER: Tree = {
  "mkosi.conf": `${CONF}
Packages=systemd,udev,dbus,systemd-container,bubblewrap,nodejs
[Build]
ToolsTree=default
`,
  "mkosi.extra": {
    "inside.sh": `
cd /project
mkosi="node ${CHECKOUT}/bin/mkosi"
$mkosi boot systemd.unit=wait.service </dev/null >/dev/null &
until machinectl show inner --property=State | grep running; do sleep 0.1; done
machinectl show inner --property=Class --property=Service --property=Unit
systemctl show inner.scope --property=ActiveState
touch image/go
wait $!; echo "boot $?"
$mkosi --register=no shell -- sh -c 'sleep 2; exit 4' &
sleep 1.5; machinectl list --no-legend
wait $!; echo "shell $?"
machinectl list; echo "groups: $(find /sys/fs/cgroup -name 'mkosi-*') end"
`,
    usr: {
      lib: {
        systemd: {
          system: {
            "inside.service": `[Unit]
After=multi-user.target
SuccessAction=exit
FailureAction=exit
[Service]
Type=oneshot
ExecStart=bash -c 'bash -x /inside.sh >/project/log 2>&1'
`,
          },
        },
      },
    },
  },
};

const INNER: Tree = {
  "mkosi.conf": `${CONF}
Packages=systemd,dbus
[Build]
ToolsTree=default
[Runtime]
Machine=inner
`,
  "mkosi.extra": {
    usr: {
      lib: {
        systemd: {
          system: {
            "wait.service": `[Unit]
SuccessAction=exit
SuccessActionExitStatus=3
[Service]
Type=oneshot
ExecStart=sh -c 'until test -e /go; do sleep 0.1; done'
`,
          },
        },
      },
    },
  },
};

// RuntimeTrees= cannot name a checkout with a blank in its path.
test.skipIf(process.getuid?.() !== 0 || CHECKOUT.includes(" "))(
  "systemd gives the container a scope, and systemd-machined knows it",
  async () => {
    const place = mkdtempSync("/tmp/mkosi-test-");
    try {
      const [outer, inner] = ["outer", "inner"].map((name) => join(place, name)) as [string, string];
      for (const [path, tree] of [
        [outer, OUTER],
        [inner, INNER],
      ] as const) {
        mkdirSync(path);
        writeTree(path, tree);
        await mkosiOk([], { cwd: path });
      }
      const before = takeSnapshot();
      // Its tools tree is not to be built again in there.
      writeTree(inner, { "mkosi.local.conf": "[Build]\nToolsTree=/tools\n" });
      const trees = [`${CHECKOUT}:${CHECKOUT}`, `${keptToolsTree()}:/tools`, `${inner}:/project`];
      const { status } = await mkosi(
        [
          ...["--ephemeral=yes", ...trees.map((tree) => `--runtime-tree=${tree}`), "boot", "--", "--capability=all"],
          ...["--system-call-filter=@keyring bpf @mount", "systemd.wants=inside.service"],
        ],
        { cwd: outer, timeout: 200 },
      );
      const log = readFileSync(join(inner, "log"), "utf8");
      expect({ status, log }).toMatchObject({ status: 0 });
      expect(log).toContain("Class=container");
      expect(log).toContain("Service=systemd-nspawn");
      expect(log).toContain("Unit=inner.scope");
      expect(log).toContain("ActiveState=active");
      expect(log).toContain("\nboot 3\n");
      // Not registered, there is nothing to list.
      expect(log).toMatch(/machinectl list --no-legend\n\++ wait \d+\n\++ echo 'shell 4'/);
      expect(log).toContain("No machines.");
      expect(log).toContain("\ngroups:  end\n");
      expect(await before.leftovers()).toEqual([]);
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  },
);
