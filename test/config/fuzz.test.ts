// Whatever a configuration holds, the loader says something sensible: a project, or a list of errors. 10,000 cases
// in continuous integration, 1,000 elsewhere ($MKOSI_FUZZ_RUNS for more).

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { ConfigurationFailure } from "../../src/config/diagnostics.ts";
import { formatJson, projectJson } from "../../src/config/json.ts";
import { loadProject } from "../../src/config/load-project.ts";
import { rows } from "../../src/settings/index.ts";
import { runs } from "../support/runs.ts";
import { machine } from "./support.ts";

const RUNS = Number(process.env["MKOSI_FUZZ_RUNS"] ?? runs(process.env["CI"] === undefined ? 1000 : 10_000));
const directory = mkdtempSync(join(tmpdir(), "mkosi-fuzz-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const names = rows.map(([, row]) => row.name);
const sections = [
  ...new Set(rows.map(([, row]) => row.section as string)),
  "Match",
  "TriggerMatch",
  "Assert",
  "Host",
  "Nonsense",
];
const value = fc.oneof(
  fc.string(),
  fc.constantFrom(
    "yes",
    "no",
    "auto",
    "debian",
    "a,b",
    "%d%r%%%z",
    "|!x",
    "!a",
    "1G",
    "-1",
    "'",
    "\\",
    "~",
    "$HOME",
    "mkosi.conf",
    "default",
    "__proto__",
    "constructor=valueOf",
    "$toString",
    "=",
    "[",
    "\0",
    "ä\u2028",
    "a:b",
    ">=1~2^3",
  ),
);
const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...names), value).map(([name, text]) => `${name}=${text}`) },
  { weight: 3, arbitrary: fc.constantFrom(...sections).map((section) => `[${section}]`) },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: value.map((text) => `  ${text}`) },
);

/** Some five times what a run takes. */
const MS_PER_RUN = 30;

test("any file", { timeout: RUNS * MS_PER_RUN }, async () => {
  const file = join(directory, "mkosi.conf");
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.boolean(), async (lines, strict) => {
      writeFileSync(file, lines.join("\n"));
      try {
        const project = await loadProject({ assignments: [], directory, strict }, machine);
        expect(() => JSON.parse(formatJson(projectJson(project))) as unknown).not.toThrow();
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationFailure);
      }
    }),
    { numRuns: RUNS },
  );
});

test("a line of 10 MB, and bytes that are no text", { timeout: 60_000 }, async () => {
  const file = join(directory, "mkosi.conf");
  writeFileSync(file, `[Content]\nPackages=${"a,".repeat(200_000)}\nLocale=${"x".repeat(10_000_000)}\n`);
  const project = await loadProject({ assignments: [], directory, strict: false }, machine);
  expect(project.images.at(-1)?.config.packages).toHaveLength(200_000);
  expect(project.images.at(-1)?.config.locale).toHaveLength(10_000_000);
  writeFileSync(file, Buffer.from([0x5b, 0xff, 0xfe, 0x5d]));
  await expect(loadProject({ assignments: [], directory, strict: false }, machine)).rejects.toThrow(
    "is not UTF-8 text",
  );
});
