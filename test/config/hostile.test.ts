// Input that is made to hurt: what has no end, what goes too deep, what takes too long. Each is one diagnostic, in time.

import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../../src/cli/argv.ts";
import { ConfigurationFailure } from "../../src/config/diagnostics.ts";
import { explain, explainText } from "../../src/config/explain.ts";
import { loadProject } from "../../src/config/load-project.ts";
import { summaryText } from "../../src/config/summary-text.ts";
import { plain } from "../../src/report/style.ts";
import type { FileSpec } from "../differential/case.ts";
import { load, machine, told } from "./support.ts";

const D = "[Distribution]\nDistribution=debian\nRelease=trixie\n";

/** The messages about a project that `change` has been at. */
async function messages(
  change: (directory: string) => void,
  files: Readonly<Record<string, FileSpec>> = {},
  ...argv: string[]
): Promise<string[]> {
  const { directory } = await load({ "mkosi.conf": D, ...files });
  change(directory);
  try {
    const { args } = parseCommandLine(argv, directory);
    const { warnings } = await loadProject(args, machine);
    return told({ directory, project: undefined, diagnostics: warnings });
  } catch (error) {
    if (!(error instanceof ConfigurationFailure)) throw error;
    return told({ directory, project: undefined, diagnostics: error.diagnostics });
  }
}

describe("what has no end", () => {
  const fifo = (name: string) => (directory: string) => {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    execFileSync("mkfifo", ["-m", "0600", join(directory, name)]);
  };
  test("a FIFO for a picked-up text", async () => {
    expect(await messages(fifo("mkosi.version"))).toEqual([
      "error mkosi.version ImageVersion: mkosi.version is not a file",
    ]);
    expect(await messages(fifo("mkosi.rootpw"))).toEqual([
      "error mkosi.rootpw RootPassword: mkosi.rootpw is not a file",
    ]);
  });
  test("a FIFO for the options of the latest build", async () => {
    const path = ".mkosi-private/history/latest.json";
    expect(await messages(fifo(path), {}, "summary")).toEqual([
      `error ${path} the options of the latest build cannot be read: ${path} is not a file`,
    ]);
  });
  test("a device, unless it is the one that is empty", async () => {
    const link = (target: string) => (directory: string) => symlinkSync(target, join(directory, "mkosi.version"));
    expect(await messages(link("/dev/zero"))).toEqual([
      "error mkosi.version ImageVersion: mkosi.version is not a file",
    ]);
    expect(await messages(link("/dev/null"))).toEqual([]);
  });
});

describe("includes that include each other", () => {
  const chain = (length: number): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length }, (_, index) => [
        `i${index}.conf`,
        index === length - 1 ? "[Content]\nPackages=deep\n" : `[Include]\nInclude=i${index + 1}.conf\n`,
      ]),
    );
  const start = { "mkosi.conf": `${D}[Include]\nInclude=i0.conf\n` };
  test("as deep as in the original", async () => {
    const { project } = await load({ ...start, ...chain(400) });
    expect(project?.images.at(-1)?.config.packages).toEqual(["deep"]);
  });
  test("deeper", async () => {
    expect(told(await load({ ...start, ...chain(1000) }))).toEqual([
      "error i449.conf:2:9 i450.conf cannot be included: more than 450 files include each other",
    ]);
  });
});

test("control characters do not reach the terminal", async () => {
  const { project } = await load({
    "mkosi.conf": `${D}[Content]\nHostname=a\x1b[2Jb\n[Include]\nInclude=x\x1b.conf\n`,
    "x\x1b.conf": "[Content]\nPackages=p\x07\n",
  });
  if (project === undefined) throw new Error("it was refused");
  for (const text of [summaryText(project, plain), explainText(project, explain(project, undefined), plain)]) {
    expect(text).toContain("a\\x1b[2Jb");
    expect(text).toContain("x\\x1b.conf");
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  }
});

describe("long files take time in proportion", () => {
  const many = 100_000;
  test.each([
    ["assignments", "Packages=a\n".repeat(many)],
    ["continuation lines", `Packages=a\n${" a\n".repeat(many - 1)}`],
  ])("%s", { timeout: 10_000 }, async (_what, text) => {
    const { project } = await load({ "mkosi.conf": `${D}[Content]\n${text}` });
    expect(project?.images.at(-1)?.config.packages.length).toBe(many);
  });
  test("variables", { timeout: 10_000 }, async () => {
    const lines = Array.from({ length: many }, (_, index) => `Environment=NAME${index}=${index}\n`);
    const { project } = await load({ "mkosi.conf": `${D}[Build]\n${lines.join("")}` });
    expect(Object.keys(project?.images.at(-1)?.config.environment ?? {}).length).toBe(many);
  });
  test("unknown settings", { timeout: 10_000 }, async () => {
    const { diagnostics } = await load({ "mkosi.conf": `${D}[Content]\n${"Pakages=a\n".repeat(many)}` });
    expect(diagnostics[0]?.remedy).toBe("Did you mean Packages=?");
    expect(diagnostics.length).toBe(many);
  });
});

describe("what is there and cannot be seen", () => {
  const links = (all: Readonly<Record<string, string>>) => (directory: string) => {
    for (const [name, target] of Object.entries(all)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      symlinkSync(target, join(directory, name));
    }
  };
  test("links that lead nowhere are told", async () => {
    const all = {
      "mkosi.conf.d/a.conf": "nowhere",
      "mkosi.conf.d/.#b.conf": "user@host",
      "mkosi.local.conf": "mkosi.local.conf",
      "mkosi.version": "nowhere",
    };
    expect(await messages(links(all))).toEqual([
      "warning mkosi.local.conf this is a loop of symbolic links, and is ignored",
      "warning mkosi.version this is a symbolic link to nowhere, which does not exist, and is ignored",
      "warning mkosi.conf.d/a.conf this is a symbolic link to nowhere, which does not exist, and is ignored",
    ]);
    expect(await messages(links({ "mkosi.conf.d": "mkosi.conf.d" }))).toEqual([
      "warning mkosi.conf.d this is a loop of symbolic links, and is ignored",
    ]);
  });
  test("an include that is a loop", async () => {
    expect(await messages(links({ loop: "loop" }), { "mkosi.conf": `${D}[Include]\nInclude=loop\n` })).toEqual([
      "error mkosi.conf:5:9 Include: “loop” is a loop of symbolic links",
    ]);
  });
});

describe("NUL characters", () => {
  test("in a configuration file", async () => {
    expect(told(await load({ "mkosi.conf": `${D}[Match]\nPathExists=a\0b\n` }))).toContain(
      "error mkosi.conf:5:13 there is a NUL character here",
    );
  });
  test("in a picked-up text, and in what a program prints", async () => {
    expect(told(await load({ "mkosi.conf": D, "mkosi.version": "1\n2\0" }))).toEqual([
      "error mkosi.version ImageVersion: mkosi.version is not text: line 2 holds a NUL character",
    ]);
    const run = { run: "#!/bin/sh\nprintf '1\\0'\n" };
    expect(told(await load({ "mkosi.conf": D, "mkosi.version": run }))).toEqual([
      "error mkosi.version ImageVersion: mkosi.version is not text: line 1 holds a NUL character",
    ]);
  });
});
