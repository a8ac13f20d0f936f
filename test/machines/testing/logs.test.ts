// What is kept of a machine, and what of it is shown.

import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LOG_MAX, openLogs } from "../../../src/machines/testing/logs.ts";
import { makeProject } from "../../support/project.ts";

test("the last lines are shown, cut where they are long; a log without end is noticed", async () => {
  const directory = makeProject({});
  await using logs = await openLogs(join(directory, "logs"), join(directory, "result"));
  expect(await logs.excerpt(["output"])).toBeUndefined();
  writeFileSync(logs.file("output"), `${"x\n".repeat(100_000)}${"y".repeat(2000)}\n\u001b[1mlast\u001b[0m\r\n\n`);
  const lines = (await logs.excerpt(["output"]))?.split("\n");
  expect(lines).toEqual([...Array.from({ length: 8 }, () => "x"), `${"y".repeat(500)}…`, "last"]);
  expect(await logs.flooded()).toBeUndefined();
  truncateSync(logs.file("journal"), LOG_MAX + 1);
  expect(await logs.flooded()).toBe(logs.file("journal"));
});
