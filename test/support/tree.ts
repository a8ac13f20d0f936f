// Small trees and contexts for tests.

import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Config } from "../../src/settings/index.ts";
import type { OutputContext } from "../../src/tools/context.ts";
import { makeAnew } from "../../src/tools/derived.ts";
import { makeImage } from "./image.ts";
import { makeRecorder, type Recorder } from "./recorder.ts";

/** A directory that goes away with the test. */
export function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "mkosi-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes files, by their paths below a directory. A path that ends in a slash is an empty directory. */
export async function writeTree(directory: string, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(directory, path);
    await mkdir(path.endsWith("/") ? file : dirname(file), { recursive: true });
    if (!path.endsWith("/")) await writeFile(file, content);
  }
}

export interface TestContext extends OutputContext {
  readonly runner: Recorder;
  /** What was said to the user's log. */
  readonly notes: readonly string[];
}

/** Programs that the toolbox of a test context has. */
const TOOLS = [
  ...[
    "systemd-repart",
    "systemd-sysusers",
    "systemd-tmpfiles",
    "systemctl",
    "systemd-hwdb",
    "systemd-firstboot",
    "bootctl",
    "ukify",
  ],
  ...["depmod", "modinfo", "openssl", "tar", "cpio", "zstd", "xz", "gzip"],
];

/** A context with an empty tree, a toolbox of empty files and a runner that records. */
export async function makeContext(
  config: Partial<Config> = {},
  files: Readonly<Record<string, string | Buffer>> = {},
  answer?: (argv: readonly string[]) => string | number,
  tools: readonly string[] = TOOLS,
): Promise<TestContext> {
  const directory = makeDirectory();
  const places = {
    root: join(directory, "root"),
    scratch: join(directory, "scratch"),
    staging: join(directory, "staging"),
  };
  for (const place of Object.values(places)) await mkdir(place);
  await writeTree(join(directory, "tools"), Object.fromEntries(tools.map((name) => [`usr/bin/${name}`, ""])));
  await writeTree(places.root, files);
  const notes: string[] = [];
  return {
    ...places,
    derive: makeAnew,
    image: makeImage(config),
    runner: makeRecorder(answer),
    toolbox: { kind: "tree", root: join(directory, "tools"), searchPaths: [] },
    report: {
      node: "main",
      phase: (_name, work) => work(),
      output: (text) => notes.push(text),
      kept: () => {},
      progress: () => {},
      artifact: () => {},
      warning: (text) => notes.push(`warning: ${text}`),
    },
    notes,
  };
}
