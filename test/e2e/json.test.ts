// With --json, whatever goes wrong is JSON on standard output.

import { join } from "node:path";
import { expect, test } from "vitest";
import { mkosi } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";

interface Told {
  readonly Diagnostics: readonly { readonly Level: string; readonly Message: string; readonly Remedy: string | null }[];
}

test.each([
  ["an unknown option", ["--json", "--frobnicate", "summary"], "--frobnicate is not an option", null],
  ["an unknown verb", ["--json", "sumary"], "“sumary” is not a verb", "Did you mean summary?"],
  ["a directory that is missing", ["-C", "nix", "--json", "summary"], "nix", null],
  ["an operand too much", ["summary", "extra", "--json"], "summary takes no arguments", null],
  ["an unknown setting", ["--json", "explain", "Foormat"], "“Foormat” is not a setting", "Did you mean Format?"],
  ["an error of the configuration", ["--json", "--format=nix", "summary"], "“nix” is not one of", null],
])("%s", async (_what, args, message, remedy) => {
  const cwd = join(makeProject({ p: { "mkosi.conf": "" } }), "p");
  const { status, stdout, stderr } = await mkosi(args, { cwd });
  expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
  const { Diagnostics: told } = JSON.parse(stdout) as Told;
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ Level: "error", Message: expect.stringContaining(message) });
  if (remedy !== null) expect(told[0]?.Remedy).toBe(remedy);
});

test("what follows -- is no option of ours", async () => {
  const { stdout, stderr } = await mkosi(["sumary", "--", "--json"], { cwd: makeProject() });
  expect(stdout).toBe("");
  expect(stderr).toContain("is not a verb");
});
