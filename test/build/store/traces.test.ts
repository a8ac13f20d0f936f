import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Inputs } from "../../../src/build/store/fingerprints.ts";
import { openTraces } from "../../../src/build/store/traces.ts";
import { makeDirectory } from "../../support/tree.ts";

const position = { below: "base", step: "Packages" };
const inputs = (values: Record<string, string>): Inputs => ({
  start: "",
  fingerprint: async (name) => values[name],
  tell: () => {},
  look: async () => undefined,
  listing: () => undefined,
  keep: async () => {},
  forget: () => {},
});

async function withTraces() {
  const directory = makeDirectory();
  const traces = openTraces(directory);
  await traces.add(position, { key: "one", image: "main", reads: { a: "1", b: "1" } });
  await traces.add(position, { key: "two", image: "main", reads: { a: "2" } });
  return { directory, traces };
}

test("a trace whose inputs are as they were leads to its key", async () => {
  const { traces } = await withTraces();
  expect((await traces.find(position, inputs({ a: "1", b: "1" })))?.key).toBe("one");
  expect((await traces.find(position, inputs({ a: "2", b: "9" })))?.key).toBe("two");
});

test("one of another position, or with an input that is different or cannot be told, does not", async () => {
  const { traces } = await withTraces();
  expect(await traces.find({ ...position, below: "other" }, inputs({ a: "1", b: "1" }))).toBeUndefined();
  expect(await traces.find({ ...position, step: "Other" }, inputs({ a: "1", b: "1" }))).toBeUndefined();
  expect(await traces.find(position, inputs({ a: "1", b: "2" }))).toBeUndefined();
  expect(await traces.find(position, inputs({ a: "1" }))).toBeUndefined();
});

test("traces in pieces count as none", async () => {
  const { directory, traces } = await withTraces();
  const [place = ""] = readdirSync(directory);
  writeFileSync(join(directory, place, "three.json"), '{"key":"three","reads":');
  writeFileSync(join(directory, place, "four.json"), "");
  expect((await traces.all(position)).map(({ key }) => key).toSorted()).toEqual(["one", "two"]);
});
