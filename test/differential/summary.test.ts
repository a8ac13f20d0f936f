// `summary --json` of the same projects by the original mkosi and by us must be equal, setting by setting.

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseCommandLine } from "../../src/cli/argv.ts";
import { projectJson } from "../../src/config/json.ts";
import { loadProject } from "../../src/config/load-project.ts";
import { Failure } from "../../src/report/failure.ts";
import { runFile } from "../../src/sandbox/run-file.ts";
import { findProgram } from "../../src/sandbox/spawn.ts";
import { type Case, layOut } from "./case.ts";
import { cases } from "./cases/index.ts";
import { differences, normalize } from "./compare.ts";
import { askPeer, type PeerResult, peerMissing, type Summary } from "./peer.ts";

const missing = peerMissing();
const builtin = resolve(import.meta.dirname, "../../builtin");
const root = realpathSync(mkdtempSync(join(tmpdir(), "mkosi-differential-")));
let peer: { readonly resources: string; readonly results: readonly PeerResult[] } | undefined;

const places = cases.map((_, index) => join(root, String(index), "project"));

function environmentOf(entry: Case): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: join(root, "home"), LC_ALL: "C.UTF-8", ...entry.environment };
}

async function ours(entry: Case, directory: string): Promise<Summary | string> {
  try {
    const { args } = parseCommandLine([...(entry.argv ?? []), "summary"], directory);
    const environment = environmentOf(entry);
    const run = (argv: readonly string[], cwd: string): string => runFile(argv, cwd, environment);
    const project = await loadProject(args, { environment, builtin, runFile: run });
    return projectJson(project) as unknown as Summary;
  } catch (error) {
    if (error instanceof Failure) return `${error.message}\n${error.details.excerpt ?? ""}`;
    throw error;
  }
}

beforeAll(() => {
  if (missing !== undefined) return;
  layOut(join(root, "home"), { "in-home/file": "x" });
  cases.forEach((entry, index) => layOut(places[index] ?? "", entry.files ?? {}));
  peer = askPeer(
    cases.map((entry, index) => ({
      directory: places[index] ?? "",
      argv: entry.argv ?? [],
      environment: environmentOf(entry),
    })),
  );
}, 300_000);

afterAll(() => rmSync(root, { recursive: true, force: true }), 120_000);

const named = cases.map((entry, index) => [entry.name, entry, index] as const);

test.for(named)("%s", async ([, entry, index], { skip }) => {
  if (missing !== undefined) skip(missing);
  if (entry.needs !== undefined && findProgram(entry.needs) === undefined) skip(`${entry.needs} is not installed`);
  const theirs = peer?.results[index];
  if (theirs === undefined) throw new Error("the original was not asked");
  const own = await ours(entry, places[index] ?? "");
  if (entry.refused === true) {
    expect("error" in theirs ? "refused" : "accepted", "the original").toBe("refused");
    expect(typeof own === "string" ? "refused" : "accepted", "we").toBe("refused");
    return;
  }
  if ("error" in theirs) throw new Error(`the original refused: ${theirs.error}`);
  if (typeof own === "string") throw new Error(`we refused: ${own}`);
  const { seed = false, unordered = [] } = entry;
  const found = differences(
    normalize(own, { builtin, seed, unordered }),
    normalize(theirs.summary, { builtin: peer?.resources ?? "", seed, unordered }),
  );
  const allowed = new Set(Object.keys(entry.differs ?? {}));
  expect(found.filter((line) => !allowed.has(line.replace(/^[^.]*\.([^:]*):[^]*$/, "$1")))).toEqual([]);
});
