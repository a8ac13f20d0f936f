// Completion scripts, run by the shells they are for where these are installed.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { completionScript } from "../../src/cli/completion.ts";
import { makeProject } from "../support/project.ts";

const has = (verb: string): boolean => ["build", "documentation", "help", "summary", "vm"].includes(verb);
const installed = (shell: string): boolean => spawnSync(shell, ["-c", "true"]).status === 0;

/** Skips the tests of a suite where the shell is missing. */
function needs(shell: string): void {
  const missing = !installed(shell);
  beforeEach(({ skip }) => skip(missing, `${shell} is not installed`));
}

/** What bash offers for a command line whose last word is being typed. */
function bash(...words: string[]): string[] {
  return bashIn(import.meta.dirname, ...words);
}

function bashIn(cwd: string, ...words: string[]): string[] {
  const script = `${completionScript("bash", has)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mkosi; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const run = spawnSync("bash", ["-c", script, "bash", "mkosi", ...words], {
    encoding: "utf8",
    cwd,
  });
  expect(run.stderr).toBe("");
  return run.stdout.split("\n").filter((line) => line !== "");
}

describe("bash", () => {
  needs("bash");

  test("verbs", () => expect(bash("")).toEqual(["summary", "build", "vm", "documentation", "help"]));
  test("options", () =>
    expect(bash("--tools-tree-p")).toEqual([
      "--tools-tree-profile",
      "--tools-tree-package",
      "--tools-tree-package-directory",
    ]));
  test("values, after a blank and after =", () => {
    expect(bash("--format", "d")).toEqual(["directory", "disk"]);
    expect(bash("--format", "=", "d")).toEqual(["directory", "disk"]);
    expect(bash("--doc-format", "ma")).toEqual(["markdown", "man"]);
    expect(bash("-t", "t")).toEqual(["tar"]);
  });
  test("files", () => expect(bash("--extra-tree", "completion")).toEqual(["completion.test.ts"]));
  test("files after a verb", () => expect(bash("vm", "argv")).toEqual(["argv.test.ts"]));
  test("nothing after verbs that take nothing", () => {
    expect(bash("summary", "")).toEqual([]);
    expect(bash("help", "")).toEqual([]);
  });
  test("names of profiles and images, but none that the shell would run", () => {
    const project = makeProject({
      "mkosi.profiles": { "debug.conf": "", devel: {}, "$(touch pwned).conf": "" },
      "mkosi.images": { "base.conf": "" },
    });
    expect(bashIn(project, "--profile", "de")).toEqual(["debug", "devel"]);
    expect(bashIn(project, "--profile", "")).toEqual(["debug", "devel"]);
    expect(bashIn(project, "--dependency", "=", "")).toEqual(["base"]);
    expect(existsSync(join(project, "pwned"))).toBe(false);
    expect(bashIn(tmpdir(), "--profile", "")).toEqual([]);
  });
  test("releases", () => expect(bash("-r", "tr")).toEqual(["trixie"]));
  test("pages of the documentation", () => {
    expect(bash("documentation", "Kernel")).toContain("KernelCommandLine");
    expect(bash("documentation", "ma")).toEqual(["match", "machines", "matrix"]);
  });
});

describe("zsh", () => {
  needs("zsh");

  test("the script is understood", () => {
    expect(spawnSync("zsh", ["-n"], { input: completionScript("zsh", has), encoding: "utf8" })).toMatchObject({
      status: 0,
      stderr: "",
    });
  });
});

describe("fish", () => {
  needs("fish");

  test("values", () => {
    const script = `${completionScript("fish", has)}\ncomplete -C 'mkosi --format d'`;
    const run = spawnSync("fish", ["-c", script], { encoding: "utf8" });
    expect(run.stderr).toBe("");
    expect(
      run.stdout
        .trim()
        .split("\n")
        .map((line) => line.split("\t")[0]),
    ).toEqual(["directory", "disk"]);
  });
});

test("every shell gets every option, and quotes in sentences are safe", () => {
  for (const shell of ["fish", "zsh"] as const) {
    const script = completionScript(shell, has);
    expect(script).toContain("compress-output");
    expect(script).toContain(`distribution'"'"'s`);
  }
});
