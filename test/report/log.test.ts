// The log file, the NDJSON form, and what a failing build says about both.

import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withBuildReport } from "../../src/report/build-report.ts";
import { nodeReport } from "../../src/report/events.ts";
import { Failure } from "../../src/report/failure.ts";
import { openLog } from "../../src/report/log.ts";
import { failureLine, ndjsonSink } from "../../src/report/ndjson.ts";
import { formatBytes, formatSeconds } from "../../src/report/quantity.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mkosi-log-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test("the log has the output of all nodes in whole lines", () => {
  const log = openLog(directory, "mkosi build");
  const main = nodeReport("main", log?.sink ?? (() => {}));
  main.output("half ");
  nodeReport("initrd", log?.sink ?? (() => {})).output("other\n");
  main.output("line\nrest");
  expect(log?.hasOutput()).toBe(true);
  log?.[Symbol.dispose]();
  const lines = readFileSync(log?.path ?? "", "utf8")
    .trimEnd()
    .split("\n");
  expect(lines[0]).toMatch(/Z mkosi build$/);
  expect(lines.slice(1)).toEqual(["[initrd] other", "[main] half line", "[main] rest"]);
});

test("the last ten logs are kept and those of the last hour, and nothing else is touched", () => {
  for (let second = 10; second < 30; second++) {
    const path = join(directory, `20240101-0000${second}-1.log`);
    writeFileSync(path, "");
    if (second !== 10) utimesSync(path, 1, 1);
  }
  writeFileSync(join(directory, "notes.txt"), "");
  openLog(directory, "x", new Date("2024-01-02T00:00:00Z"))?.[Symbol.dispose]();
  const names = readdirSync(directory).sort();
  expect(names).toHaveLength(12);
  expect(names.slice(0, 2)).toEqual(["20240101-000010-1.log", "20240101-000021-1.log"]);
  expect(names).toContain(`20240102-000000-${process.pid}.log`);
  expect(names).toContain("notes.txt");
});

test("a directory that cannot be written is no reason to fail", () => {
  writeFileSync(join(directory, "file"), "");
  expect(openLog(join(directory, "file", "logs"), "x")).toBeUndefined();
});

test("a failure points at the log when tools have printed something", async () => {
  const options = { logs: directory, title: "x", quiet: true };
  const failure = (work: "prints" | "silent") =>
    withBuildReport(options, async (events) => {
      if (work === "prints") nodeReport("main", events).output("E: no space left\n");
      throw new Failure("no", { remedy: "more space" });
    }).then(
      () => undefined,
      (error: unknown) => error as Failure,
    );
  expect((await failure("prints"))?.details).toMatchObject({
    remedy: "more space",
    log: expect.stringContaining(directory),
  });
  expect((await failure("silent"))?.details.log).toBeUndefined();
});

test("events and failures as lines of JSON", () => {
  const lines: string[] = [];
  ndjsonSink((line) => lines.push(line))({ type: "progress", node: "main", detail: "1\n2", time: 0 });
  lines.push(failureLine(new Failure("no", { remedy: "do" }), new Date(0)));
  expect(lines.map((line) => [line.endsWith("\n"), JSON.parse(line)])).toEqual([
    [true, { type: "progress", node: "main", detail: "1\n2", time: "1970-01-01T00:00:00.000Z" }],
    [true, { type: "failure", message: "no", remedy: "do", time: "1970-01-01T00:00:00.000Z" }],
  ]);
});

test.each([
  [0, "0.0s"],
  [59.9, "59.9s"],
  [59.96, "1m 00s"],
  [3599.6, "1h 00m"],
])("%d seconds are %s", (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test.each([
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1048575, "1.0 MiB"],
  [5 * 1024 ** 3, "5.0 GiB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
