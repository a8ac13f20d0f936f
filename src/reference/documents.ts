// The documentation as it ships with the program: chapters and settings pages below docs/, and the whole manual made
// of them.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CHAPTERS } from "../facts/manual.ts";
import { Failure } from "../report/failure.ts";
import { rows } from "../settings/index.ts";

/** The directory of the installation that holds docs/ and dist/. @throws {Failure} when the documentation is missing */
export function installation(): string {
  let directory = import.meta.dirname;
  while (!existsSync(join(directory, "docs", "manual"))) {
    const parent = dirname(directory);
    if (parent === directory)
      throw new Failure("the documentation is not part of this installation: its directory docs/ is missing", {
        remedy: "install the whole package, or see mkosi help",
      });
    directory = parent;
  }
  return directory;
}

/** A page below the installation, like `docs/manual/match.md`. @throws {Failure} when it is missing */
export function readDocument(name: string): string {
  const path = join(installation(), name);
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Failure(`the page ${path} cannot be read`, { remedy: "install the whole package again", cause: error });
  }
}

/** The manual from the first to the last page, in Markdown: all chapters, then all settings by section. */
export function wholeManual(): string {
  const chapters = CHAPTERS.map(({ name }) => readDocument(`docs/manual/${name}.md`));
  const sections = [...new Set(rows.map(([, row]) => row.section))];
  const settings = sections.flatMap((section) => [
    `# Settings of [${section}]\n`,
    ...rows.flatMap(([, row]) =>
      row.section === section ? [deeper(readDocument(`docs/settings/${row.name}.md`))] : [],
    ),
  ]);
  return [...chapters, ...settings].join("\n");
}

/** The part of a page below the first heading whose title begins with the word, the heading included. */
export function partOf(page: string, word: string): string | undefined {
  let found: { readonly depth: number; readonly lines: string[] } | undefined;
  for (const { line, depth } of withDepths(page)) {
    const names = (line.replace(/^#+ /, "").match(/[^\s,`=[\]]+/g) ?? []).slice(0, 2);
    if (found !== undefined && depth > 0 && depth <= found.depth) break;
    if (found !== undefined) found.lines.push(line);
    else if (depth > 1 && names.includes(word)) found = { depth, lines: [line] };
  }
  return found?.lines.join("\n");
}

/** All headings one level lower. */
function deeper(page: string): string {
  return withDepths(page)
    .map(({ line, depth }) => (depth > 0 ? `#${line}` : line))
    .join("\n");
}

/** Lines with the level of the heading that they are; 0: none. What looks like a heading in code is none. */
function withDepths(page: string): { readonly line: string; readonly depth: number }[] {
  let fenced = false;
  return page.split("\n").map((line) => {
    if (line.startsWith("```")) fenced = !fenced;
    return { line, depth: fenced ? 0 : (/^(#+) /.exec(line)?.[1]?.length ?? 0) };
  });
}
