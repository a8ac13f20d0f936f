// The chapters of the manual: complete next to the tables, up to date, and every example in them works.

import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../../src/cli/argv.ts";
import { FLAGS } from "../../src/cli/flags.ts";
import { VERBS } from "../../src/cli/verbs.ts";
import { OTHER_CONDITIONS } from "../../src/config/match.ts";
import { DISTRIBUTIONS } from "../../src/facts/distributions.ts";
import { CHAPTERS } from "../../src/facts/manual.ts";
import { partOf } from "../../src/reference/documents.ts";
import { MANUAL_TABLES } from "../../src/reference/manual-tables.ts";
import { settings } from "../../src/settings/index.ts";
import { load, told } from "../config/support.ts";
import { commandsOf, deadLinks, pageNames, projectsOf, readPage } from "./pages.ts";

const chapters = CHAPTERS.map(({ name }) => name);
const page = (name: string): string => readPage(`manual/${name}`);

test("every chapter has its file, and no file is without chapter", () => {
  expect(pageNames("manual")).toEqual([...chapters].sort());
});

describe.for(chapters)("%s", (name) => {
  test("examples load without error or warning", async () => {
    for (const project of projectsOf(page(name)))
      expect(told(await load(project)), JSON.stringify(project)).toEqual([]);
  });

  test("commands are understood", () => {
    for (const words of commandsOf(page(name))) {
      const { args, warnings } = parseCommandLine(words, resolve(import.meta.dirname, "../.."));
      expect(warnings).toEqual([]);
      if (args.verb === "documentation") expect(args.verbArguments.length).toBeLessThan(2);
    }
  });

  test("links lead somewhere", () => expect(deadLinks(`manual/${name}`)).toEqual([]));
});

test("every verb has its part, in the order of the table, and there is no other", () => {
  const titles = [...page("verbs").matchAll(/^## (.*)$/gm)].map((match) => match[1]);
  expect(titles).toEqual(VERBS.map(({ name }) => name));
});

test("every option that is no setting has its part, and there is no other", () => {
  const [, flags = ""] = page("options").split("# Options that are no settings");
  const titles = [...flags.matchAll(/^## --([a-z-]+)(?:, -(\w))?$/gm)].map(([, long, short]) => [long, short]);
  const shown = FLAGS.flatMap((flag) =>
    "help" in flag ? [[flag.option, "short" in flag ? flag.short : undefined]] : [],
  );
  expect(new Set(titles)).toEqual(new Set(shown));
  expect(titles.length).toBe(shown.length);
});

test("every table has its place in its chapter", () => {
  for (const { chapter, marker, text } of MANUAL_TABLES)
    expect(page(chapter), marker).toContain(`<!-- ${marker} -->\n${text()}\n<!-- /${marker} -->`);
});

test("conditions, distributions and formats are all told", () => {
  for (const name of OTHER_CONDITIONS) expect(page("match")).toContain(`| \`${name}=\` |`);
  for (const name of Object.keys(DISTRIBUTIONS)) expect(page("building")).toContain(`\`${name}\``);
  const { completion } = settings.format.type;
  for (const format of completion.kind === "words" ? completion.words : [])
    expect(page("building")).toContain(`\`${format}\``);
});

test("a part of a page ends where the next one begins", () => {
  const part = partOf("# A\n\n## one\n\ntext\n\n```sh\n# no heading\n```\n\n### deeper\n\n## two\n", "one");
  expect(part).toContain("# no heading");
  expect(part).toContain("### deeper");
  expect(part).not.toContain("two");
  expect(partOf("## --force, -f\n\ntext", "-f")).toContain("text");
  expect(partOf("## one\n", "three")).toBeUndefined();
});

test("the entry to the documentation names every chapter, with what it is about", () => {
  const entry = readPage("README").replaceAll("`", "");
  for (const { name, about } of CHAPTERS) expect(entry).toContain(`| [${name}](manual/${name}.md) | ${about} |`);
  expect(deadLinks("README")).toEqual([]);
});
