// docs/settings/: a page for every setting of the table, none for anything else, facts up to date, prose, and an
// example that loads.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkBaseTrees } from "../../src/build/base-trees.ts";
import { parseCommandLine } from "../../src/cli/argv.ts";
import { factsBlock } from "../../src/reference/facts.ts";
import { generated } from "../../src/reference/generated.ts";
import { rows } from "../../src/settings/index.ts";
import { load, told } from "../config/support.ts";
import { commandsOf, DOCS, deadLinks, pageNames, projectsOf, readPage } from "./pages.ts";

const names = rows.map(([, row]) => row.name);

test("every setting has its page, and every page its setting", () => {
  expect(pageNames("settings").filter((name) => name !== "README")).toEqual(names.toSorted());
});

test("facts, index and tables are up to date (node scripts/run-ts.mjs scripts/settings-facts.ts)", () => {
  const read = (name: string): string | undefined => {
    const path = join(DOCS, name);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  expect(
    generated(read)
      .filter(({ name, text }) => read(name) !== text)
      .map(({ name }) => name),
  ).toEqual([]);
});

test("links of the index lead somewhere", () => expect(deadLinks("settings/README")).toEqual([]));

describe.for(rows.map(([, row]) => row).filter(({ name }) => existsSync(join(DOCS, `settings/${name}.md`))))(
  "$name",
  (row) => {
    const page = readPage(`settings/${row.name}`);

    test("has facts, prose and an example", () => {
      expect(page).toMatch(new RegExp(`^# ${row.name}=\n\n<!-- facts -->\n`));
      expect(page).toContain(factsBlock(row));
      const [prose = "", example] = page.replace(/^[^]*<!-- \/facts -->/, "").split("\n## Example\n");
      expect(prose.trim().length).toBeGreaterThanOrEqual(80);
      expect(example).toContain("```ini");
      expect(
        projectsOf(example ?? "").some((project) => mentions(project, row.name)),
        `an example of ${row.name}=`,
      ).toBe(true);
    });

    test("its examples load without error or warning", async () => {
      for (const files of projectsOf(page)) {
        const loaded = await load(files);
        expect(told(loaded), JSON.stringify(files)).toEqual([]);
        // What the base trees have is for its reader to have made.
        for (const image of loaded.project?.images ?? []) await checkBaseTrees(image, () => true);
      }
    });

    test("its commands are understood, and its links lead somewhere", () => {
      expect(deadLinks(`settings/${row.name}`)).toEqual([]);
      for (const words of commandsOf(page)) expect(parseCommandLine(words, DOCS).warnings).toEqual([]);
    });
  },
);

function mentions(project: object, name: string): boolean {
  return Object.values(project).some((text) => typeof text === "string" && new RegExp(`^${name}=`, "m").test(text));
}
