// Shows pages by programs of the host: man(1), with pandoc(1) in front when that is asked for.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "../reference/lookup.ts";
import { manualPage } from "../reference/manual-page.ts";
import { ExitStatus, Failure } from "../report/failure.ts";
import { findProgram } from "../sandbox/find-program.ts";
import { runOnTerminal } from "../sandbox/on-terminal.ts";
import { runFile } from "../sandbox/run-file.ts";

/** As a manual page that we write. */
export async function showByMan(page: Page, pager: boolean): Promise<void> {
  const date = new Date().toISOString().slice(0, 10);
  await showRoff(manualPage(page.title, page.markdown, date), pager);
}

/** As a manual page that pandoc writes. */
export async function showByPandoc(page: Page, pager: boolean): Promise<void> {
  if (findProgram("pandoc") === undefined) throw missing("pandoc", "pandoc is not installed");
  const roff = await withFile("page.md", page.markdown, async (file) =>
    runFile(["pandoc", "--from=gfm", "--to=man", "--standalone", `--metadata=title:${page.title}(1)`, file], "/"),
  );
  await showRoff(roff, pager);
}

/** The manual page that is installed on this machine, which may be another version's. */
export async function showSystemPage(page: Page, pager: boolean): Promise<void> {
  if (!page.whole)
    throw missing(
      "system",
      `the manual pages of this machine have none about ${page.title.replace("mkosi-", "")} alone`,
    );
  await man(["1", "mkosi"], pager);
}

async function showRoff(roff: string, pager: boolean): Promise<void> {
  await withFile("mkosi.1", roff, async (file) => man(["-l", file], pager));
}

async function man(args: readonly string[], pager: boolean): Promise<void> {
  const status = await runOnTerminal({ argv: ["man", ...(pager ? [] : ["-P", "cat"]), ...args] });
  if (status === undefined) throw missing("man", "man is not installed");
  if (status !== 0) throw new ExitStatus(status);
}

function missing(format: string, problem: string): Failure {
  return new Failure(problem, {
    origin: { kind: "option", option: `--doc-format=${format}` },
    remedy: "Leave --doc-format out: pages are then shown without any other program.",
  });
}

async function withFile<T>(name: string, text: string, work: (file: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "mkosi-documentation-"));
  try {
    await writeFile(join(directory, name), text);
    return await work(join(directory, name));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
