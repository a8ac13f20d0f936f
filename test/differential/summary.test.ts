// `summary --json` of the same projects by the original mkosi and by us must be equal, setting by setting.

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectJson } from "../../src/config/json.ts";
import { Failure } from "../../src/report/failure.ts";
import { findProgram } from "../../src/sandbox/find-program.ts";
import { type Case, layOut } from "./case.ts";
import { cases } from "./cases/index.ts";
import { differences, normalize } from "./compare.ts";
import { builtin, environmentOf, layOutHome, readCase } from "./ours.ts";
import { askPeer, type PeerResult, peerMissing, type Summary } from "./peer.ts";

const missing = peerMissing();
const root = realpathSync(mkdtempSync(join(tmpdir(), "mkosi-differential-")));
let peer: { readonly resources: string; readonly results: readonly PeerResult[] } | undefined;

const places = cases.map((_, index) => join(root, String(index), "project"));

async function ours(entry: Case, directory: string): Promise<Summary | string> {
  try {
    return projectJson(await readCase(entry, directory, root)) as unknown as Summary;
  } catch (error) {
    if (error instanceof Failure) return `${error.message}\n${error.details.excerpt ?? ""}`;
    throw error;
  }
}

beforeAll(() => {
  if (missing !== undefined) return;
  layOutHome(root);
  cases.forEach((entry, index) => layOut(places[index] ?? "", entry.files ?? {}));
  peer = askPeer(
    cases.map((entry, index) => ({
      directory: places[index] ?? "",
      argv: entry.argv ?? [],
      environment: environmentOf(entry, root),
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
  if (entry.refused !== undefined) {
    expect("error" in theirs ? "refused" : "accepted", "the original").toBe("refused");
    expect(typeof own === "string" ? own : "accepted", "we").toContain(entry.refused);
    return;
  }
  if ("error" in theirs) throw new Error(`the original refused: ${theirs.error}`);
  if (typeof own === "string") throw new Error(`we refused: ${own}`);
  const { seed = false, unordered = [] } = entry;
  const found = differences(
    normalize(own, { builtin, seed, unordered }),
    normalize(theirs.summary, { builtin: peer?.resources ?? "", seed, unordered }),
  );
  const allowed = Object.keys(entry.differs ?? {});
  const settingOf = (line: string): string => line.replace(/^[^.]*\.([^:]*):[^]*$/, "$1");
  expect(found.filter((line) => !allowed.includes(settingOf(line)))).toEqual([]);
  expect(allowed, "what differs on purpose").toEqual(allowed.filter((name) => found.map(settingOf).includes(name)));
});
