// Initrds and microcode that scripts have put into $ARTIFACTDIR: each script adds to what those before it have left, and
// another one is a reason to install the kernels again, although nothing else has changed.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makePe } from "../formats/make-pe.ts";
import { mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";
import { keptToolsTree } from "../support/tools-tree.ts";

const asRoot = test.skipIf(process.getuid?.() !== 0);

const CONFIG = `[Distribution]
Distribution=custom
[Output]
Format=directory
SplitArtifacts=
[Content]
Initrds=own.initrd
KernelModulesInitrd=no
[Build]
Incremental=yes
CacheDirectory=cache
BuildSources=src
`;

const script = (...lines: readonly string[]) =>
  `#!/bin/sh -e\nmkdir -p $ARTIFACTDIR/io.mkosi.initrd\n${lines.join("\n")}\n`;

asRoot("initrds and microcode of scripts are there when the kernel is started", async () => {
  const cwd = makeProject({
    "mkosi.conf": CONFIG,
    "own.initrd": "own\n",
    src: { two: "two\n" },
    "mkosi.skeleton": { "usr/lib": { "os-release": "ID=tiny\n", "modules/6.12/modules.dep": "" } },
    "mkosi.build": script(
      "cp two $ARTIFACTDIR/io.mkosi.initrd/2; echo gone >$ARTIFACTDIR/io.mkosi.initrd/3",
      "mkdir $ARTIFACTDIR/io.mkosi.microcode; echo ucode >$ARTIFACTDIR/io.mkosi.microcode/cpu",
    ),
    // depmod looks for modules in /lib.
    "mkosi.postinst": script("ln -s usr/lib $BUILDROOT/lib"),
    "mkosi.finalize": script(
      "cd $ARTIFACTDIR/io.mkosi.initrd; rm 3; echo one >1; ln -s ../elsewhere 4; echo four >../elsewhere; ln -s /etc/passwd 5",
    ),
  });
  writeFileSync(join(cwd, "mkosi.skeleton/usr/lib/modules/6.12/vmlinuz"), makePe({ ".text": "kernel" }));
  const entry = join(cwd, "image/boot/loader/entries/tiny-6.12.conf");
  const build = async () => {
    await mkosiOk(["-f", `--tools-tree=${keptToolsTree()}`], { cwd });
    return [...readFileSync(entry, "utf8").matchAll(/^initrd (.*)$/gm)].map(([, path = ""]) =>
      readFileSync(join(cwd, "image/boot", path), "utf8"),
    );
  };
  const all = ["ucode\n", "own\n", "one\n", "two\n", "four\n"];
  expect(await build()).toEqual(all);
  const why = async () => (await mkosiOk([`--tools-tree=${keptToolsTree()}`, "why"], { cwd })).stdout;
  expect(await why()).not.toContain("Installing kernels runs");
  writeFileSync(join(cwd, "src/two"), "other\n");
  expect(await build()).toEqual(all.map((text) => (text === "two\n" ? "other\n" : text)));
});
