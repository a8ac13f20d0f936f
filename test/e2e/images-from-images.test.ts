// Images that are built from others of the same project: what scripts read of another one's output, -R on its base tree,
// and the layers of an overlay.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";
import { keptToolsTree } from "../support/tools-tree.ts";

const asRoot = test.skipIf(process.getuid?.() !== 0);

function project() {
  const cwd = makeProject({
    "mkosi.conf": `[Distribution]
Distribution=custom
[Config]
Dependencies=base,extension
[Output]
Format=directory
OutputDirectory=mkosi.output
[Content]
BaseTrees=%O/base
[Build]
ToolsTree=${keptToolsTree()}
Incremental=yes
`,
    "mkosi.cache": {},
    "mkosi.output": {},
    "mkosi.prepare": '#!/bin/sh -e\ncp "$SRCDIR/mkosi.output/base/etc/text" "$BUILDROOT/etc/prepared"\n',
    "mkosi.build":
      '#!/bin/sh -e\nmkdir -p "$DESTDIR/etc"\ncat "$SRCDIR/mkosi.output/base/etc/text" >"$DESTDIR/etc/built"\ndate +%N >"$DESTDIR/etc/time"\n',
    text: "1\n",
    "mkosi.images": {
      base: {
        "mkosi.conf": "[Output]\nFormat=directory\n[Content]\nExtraTrees=../../text:/etc/text\n",
        "mkosi.skeleton": { usr: { lib: { "os-release": "ID=tiny\nVERSION_ID=1\n" } }, etc: {} },
      },
      extension: {
        "mkosi.conf":
          "[Config]\nDependencies=base\n[Output]\nFormat=sysext\nOverlay=yes\n[Content]\nBaseTrees=%O/base\n",
        "mkosi.extra": { usr: { share: { added: "added\n" } } },
      },
    },
  });
  return {
    cwd,
    call: (...args: string[]) => mkosiOk(args, { cwd }),
    text: (path: string) => readFileSync(join(cwd, "mkosi.output/image", path), "utf8"),
  };
}

asRoot("scripts that read another image's output run again when that has changed", async () => {
  const { cwd, call, text } = project();
  await call("-f");
  expect([text("etc/prepared"), text("etc/built")]).toEqual(["1\n", "1\n"]);
  expect((await call("why")).stdout).not.toContain("•");
  writeFileSync(join(cwd, "text"), "2\n");
  expect((await call("why")).stdout).toContain("BaseTrees=: the output that it names is made again");
  await call("-f");
  expect([text("etc/prepared"), text("etc/built")]).toEqual(["2\n", "2\n"]);
});

asRoot("-R runs the build scripts on a base tree; prune leaves what the next build needs", async () => {
  const { call, text } = project();
  await call("-f");
  const before = text("etc/time");
  await call("-R");
  await call("-f");
  expect(text("etc/time")).not.toBe(before);
  await call("cache", "prune");
  expect((await call("why")).stdout).not.toContain("•");
  await call("-f", "--incremental=strict");
});
