// Makes one HTML file of a page's data and of the code that the build has bundled: it needs no network, and may do nothing but run
// that code. What is in an image is a stranger's: it stands in the file as JSON alone, in which no tag can begin.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PageData } from "../pages/data.ts";
import { installation } from "../reference/documents.ts";
import { Failure } from "../report/failure.ts";

interface PageCode {
  readonly script: string;
  readonly style: string;
}

/** Reads the page's code, which only this takes. @throws {Failure} when the installation lacks it */
export async function pageCode(): Promise<PageCode> {
  const read = async (name: string) =>
    await readFile(join(installation(), "dist/pages", name), "utf8").catch((cause: unknown) => {
      throw new Failure(`the code of pages is not part of this installation: dist/pages/${name} cannot be read`, {
        remedy: "install the whole package again",
        cause,
      });
    });
  const [script, style] = await Promise.all([read("main.js"), read("main.css")]);
  return { script, style };
}

export function pageHtml(data: PageData, { script, style }: PageCode): string {
  const policy = `default-src 'none'; img-src data:; script-src '${digest(script)}'; style-src '${digest(style)}'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>mkosi ${data.kind}</title>
<style>${style}</style>
</head>
<body class="${data.kind}">
<div id="page"></div>
<script type="application/json" id="data">${scriptSafe(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** JSON in which nothing can end the element that it stands in, nor begin a comment: `<` is in strings only. */
function scriptSafe(data: PageData): string {
  return JSON.stringify(data).replaceAll("<", "\\u003c");
}

function digest(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
