// The published JSON schemas: valid themselves, and what summaries of real projects are really like.

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { afterAll, expect, test } from "vitest";
import { isInJson } from "../../src/config/from-json.ts";
import { formatJson, projectJson } from "../../src/config/json.ts";
import { loadProject } from "../../src/config/load-project.ts";
import { CHAPTERS } from "../../src/facts/manual.ts";
import { settingsSchema, summarySchema } from "../../src/reference/schema.ts";
import { Failure } from "../../src/report/failure.ts";
import { rows } from "../../src/settings/index.ts";
import { load, machine } from "../config/support.ts";
import { layOut } from "../differential/case.ts";
import { cases } from "../differential/cases/index.ts";
import { layOutHome, readCase } from "../differential/ours.ts";
import { CHECKOUT } from "../support/mkosi.ts";
import { projectsOf, readPage } from "./pages.ts";

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
ajv.addVocabulary(["x-section", "x-option"]);
ajv.addFormat("uuid", /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
const summary = ajv.compile(summarySchema() as object);
const settings = ajv.compile(settingsSchema() as object);

const root = realpathSync(mkdtempSync(join(tmpdir(), "mkosi-schema-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const problems = (validate: ValidateFunction, json: unknown): string[] =>
  validate(json) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);

test("every project of the differential tests", async () => {
  layOutHome(root);
  let read = 0;
  for (const [index, entry] of cases.entries()) {
    const directory = join(root, String(index), "project");
    layOut(directory, entry.files ?? {});
    try {
      const json = JSON.parse(formatJson(projectJson(await readCase(entry, directory, root)))) as unknown;
      expect(problems(summary, json), entry.name).toEqual([]);
      read++;
    } catch (error) {
      if (!(error instanceof Failure)) throw error; // some are there to be refused
    }
  }
  expect(read).toBeGreaterThan(cases.length / 2);
}, 120_000);

test("every project of the documentation, the example, and an image with its default tools and initrd", async () => {
  const pages = [...CHAPTERS.map(({ name }) => `manual/${name}`), ...rows.map(([, { name }]) => `settings/${name}`)];
  for (const page of pages) {
    for (const files of projectsOf(readPage(page))) {
      const { project } = await load(files);
      if (project !== undefined) expect(problems(summary, projectJson(project)), page).toEqual([]);
    }
  }
  const directory = join(CHECKOUT, "examples/hello");
  const assignments = [{ key: "toolsTree", text: "default", option: "--tools-tree", directory }] as const;
  const project = await loadProject({ directory, assignments, strict: true }, machine);
  expect(project.tools).toBeDefined();
  expect(project.images.map(({ name }) => name)).toContain("default-initrd");
  expect(problems(summary, projectJson(project))).toEqual([]);
}, 120_000);

test("what is none is refused", () => {
  expect(problems(summary, { Images: [], Tools: null })).toEqual(["/Images must NOT have fewer than 1 items"]);
  expect(problems(settings, { Packages: ["a"], Format: "disk", Hostname: null })).toEqual([]);
  expect(problems(settings, { Packages: "a" })).toContain("/Packages must be array");
  expect(problems(settings, { Pakages: [] })).toEqual([" must NOT have additional properties"]);
});

test("every setting that images have is described", () => {
  const { properties } = settingsSchema() as unknown as { properties: object };
  expect(Object.keys(properties)).toEqual(rows.flatMap(([key, row]) => (isInJson(key) ? [row.name] : [])));
});
