// Packages come out the same each time, whenever and wherever they are built.

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { Package } from "./make/package.ts";
import { buildPacmanPackages } from "./make/pacman.ts";
import { buildRpms } from "./make/rpm.ts";
import { put } from "./make/stage.ts";
import { mirrorMissing } from "./mirror.ts";
import type { Tools } from "./run-tool.ts";
import { distroTools } from "./tools.ts";

test.skipIf(mirrorMissing() !== undefined)("the same bytes, signed", { timeout: 300_000 }, async () => {
  const tools = await distroTools();
  const first = await build(tools);
  await sleep(1100);
  const second = await build(tools);
  expect(Object.keys(first)).toContain("hello-2.10-5-x86_64.pkg.tar.zst");
  expect(Object.keys(first)).toContain("hello-2.10-5.x86_64.rpm");
  expect(second).toEqual(first);
});

/** Builds three packages in a place of its own. Returns their digests by name. */
async function build(tools: Tools): Promise<Record<string, string>> {
  const place = mkdtempSync(join(tmpdir(), "mkosi-packages-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const make = (name: string, part: Package["part"], files: Record<string, string>): Package => {
    const root = join(place, "stage", name);
    for (const [path, text] of Object.entries(files)) put(join(root, path), text);
    return {
      name,
      epoch: 0,
      version: "2.10",
      release: "5",
      noarch: false,
      summary: name,
      debs: [],
      depends: new Set(name === "hello" ? ["filesystem"] : []),
      provides: { rpm: [], pacman: [] },
      recommends: [],
      scriptlets: { post: "true" },
      root,
      part,
    };
  };
  const packages = [
    make("setup", "base", { "etc/group": "root:x:0:\n" }),
    make("filesystem", "base", { "usr/share/doc/filesystem/README": "text\n" }),
    make("hello", "applications", { "usr/bin/hello": "#!/bin/sh\necho hello\n", "etc/hello.conf": "greeting=hello\n" }),
  ];
  const rpms = await buildRpms(tools, packages, place);
  const archives = await buildPacmanPackages(tools, packages, place);
  const paths = [...rpms.paths.values(), ...archives.values()];
  return Object.fromEntries(
    paths.map((path) => [basename(path), createHash("sha256").update(readFileSync(path)).digest("hex")]),
  );
}
