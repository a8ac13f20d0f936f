// The pages below docs/, taken apart for tests: code blocks with their titles, projects that they make, commands, links.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { FileSpec } from "../differential/case.ts";

export const DOCS = resolve(import.meta.dirname, "../../docs");

export interface Fence {
  readonly language: string;
  /** The file that the block is. */
  readonly title: string | undefined;
  readonly text: string;
}

/** Names of the pages in a directory below docs/, without `.md`. */
export function pageNames(directory: string): string[] {
  const names = readdirSync(join(DOCS, directory)).filter((name) => name.endsWith(".md"));
  return names.map((name) => name.replace(/\.md$/, "")).sort();
}

export function readPage(name: string): string {
  return readFileSync(join(DOCS, `${name}.md`), "utf8");
}

export function fencesOf(page: string): Fence[] {
  return [...page.matchAll(/^```(\S*)(?: title=(\S+))?\n([^]*?)^```$/gm)].map(
    ([, language = "", title, text = ""]) => ({ language, title, text }),
  );
}

/** Projects: `ini` blocks of a page belong together until a file comes that the project has already. */
export function projectsOf(page: string): Record<string, FileSpec>[] {
  const projects: Record<string, FileSpec>[] = [];
  for (const { language, title, text } of fencesOf(page)) {
    if (language !== "ini" && title === undefined) continue;
    const name = title ?? "mkosi.conf";
    let project = projects.at(-1);
    // The main file starts a project, so that examples do not add up.
    if (project === undefined || Object.hasOwn(project, name)) {
      project = {};
      projects.push(project);
    }
    project[name] = text.startsWith("#!") ? { run: text } : text;
  }
  return projects;
}

/** Commands of mkosi in `sh` blocks, as words; what is piped or redirected is left out. */
export function commandsOf(page: string): string[][] {
  return fencesOf(page)
    .filter(({ language, title }) => language === "sh" && title === undefined)
    .flatMap(({ text }) => text.replaceAll("\\\n", " ").split("\n"))
    .filter((line) => line.startsWith("mkosi "))
    .map((line) => (line.split(/\s[|>]/)[0] ?? "").trim())
    .map((line) =>
      [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? "").slice(1),
    );
}

/** Relative links of a page that lead nowhere, by file or by heading. */
export function deadLinks(name: string): string[] {
  const text = readPage(name)
    .replaceAll(/^```[^]*?^```$/gm, "")
    .replaceAll(/`[^`]*`/g, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = "", heading] = link.split("#");
    const target = path === "" ? join(DOCS, `${name}.md`) : resolve(DOCS, dirname(name), path);
    if (!existsSync(target)) return true;
    return heading !== undefined && !anchorsOf(readFileSync(target, "utf8")).includes(heading);
  });
}

function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
