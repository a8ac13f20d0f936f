// `mkosi documentation [PAGE|SETTING]`: the manual, in the form that --doc-format asks for.

import type { Arguments } from "../cli/arguments.ts";
import { DOC_FORMATS } from "../cli/flags.ts";
import { VERBS } from "../cli/verbs.ts";
import { findPage, type Page } from "../reference/lookup.ts";
import { manualHead } from "../reference/manual-page.ts";
import { terminalText } from "../reference/terminal.ts";
import { Failure } from "../report/failure.ts";
import { outputStyle, outputWidth } from "../report/print.ts";
import { suggest } from "../report/suggest.ts";
import { page as showPage } from "./pager.ts";
import type { Verb } from "./verb.ts";

type Format = (typeof DOC_FORMATS)[number];

const WIDTH = 80;
/** Longer lines are hard to read, however wide the terminal is. */
const WIDEST = 110;

export const verb: Verb = {
  needsNamespace: false,
  async run({ args }) {
    const format = formatOf(args);
    const [word, ...others] = args.verbArguments;
    if (others.length > 0) {
      throw new Failure(`documentation shows one page, but was asked for ${args.verbArguments.length}`, {
        remedy: `Write mkosi documentation ${word}.`,
      });
    }
    const found = findPage(word);
    await show(found.whole ? { ...found, markdown: manualHead(VERBS) + found.markdown } : found, format, args.pager);
  },
};

function formatOf({ docFormat }: Arguments): Format {
  const format = DOC_FORMATS.find((name) => name === docFormat);
  if (format !== undefined) return format;
  const near = suggest(docFormat, DOC_FORMATS);
  throw new Failure(`“${docFormat}” is not a form of the documentation`, {
    origin: { kind: "option", option: "--doc-format" },
    remedy: near === undefined ? `Write one of ${DOC_FORMATS.join(", ")}.` : `Did you mean ${near}?`,
  });
}

async function show(page: Page, format: Format, pager: boolean): Promise<void> {
  switch (format) {
    case "auto": {
      const width = Math.min(outputWidth() ?? WIDTH, WIDEST);
      return await showPage(terminalText(page.markdown, width, outputStyle()), pager);
    }
    case "markdown":
      return await showPage(page.markdown, pager);
    case "man":
      return await (await import("./man-viewer.ts")).showByMan(page, pager);
    case "pandoc":
      return await (await import("./man-viewer.ts")).showByPandoc(page, pager);
    case "system":
      return await (await import("./man-viewer.ts")).showSystemPage(page, pager);
  }
}
