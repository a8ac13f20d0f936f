// Everything below docs/ that is made from the tables, so that a script can write it and a test can compare it.

import { rows } from "../settings/index.ts";
import { settingsIndex, withFacts } from "./facts.ts";
import { MANUAL_TABLES } from "./manual-tables.ts";
import { schemaFiles } from "./schema.ts";

export interface GeneratedPage {
  /** Below docs/. */
  readonly name: string;
  readonly text: string;
}

/**
 * The pages as they should be; pages that do not exist yet are left out.
 * @param read gives a file below docs/, undefined when there is none
 */
export function generated(read: (name: string) => string | undefined): GeneratedPage[] {
  const pages: GeneratedPage[] = [{ name: "settings/README.md", text: settingsIndex() }, ...schemaFiles()];
  for (const [, row] of rows) {
    const name = `settings/${row.name}.md`;
    const text = read(name);
    if (text !== undefined) pages.push({ name, text: withFacts(text, row) });
  }
  for (const { chapter, marker, text } of MANUAL_TABLES) {
    const name = `manual/${chapter}.md`;
    const before = pages.find((page) => page.name === name)?.text ?? read(name);
    if (before === undefined) continue;
    const after = withBlock(before, marker, text());
    const index = pages.findIndex((page) => page.name === name);
    if (index < 0) pages.push({ name, text: after });
    else pages[index] = { name, text: after };
  }
  return pages;
}

/** Replaces what stands between `<!-- marker -->` and `<!-- /marker -->`; without these the text stays. */
export function withBlock(page: string, marker: string, block: string): string {
  const start = `<!-- ${marker} -->`;
  const end = `<!-- /${marker} -->`;
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from < 0 || to < from) return page;
  return `${page.slice(0, from)}${start}\n${block}\n${page.slice(to)}`;
}
