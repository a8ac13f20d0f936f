// Where pages are written: into the file that --html= names, as a whole or not at all, or to standard output.

import { pageCode, pageHtml } from "../inspect/page.ts";
import type { PageData } from "../pages/data.ts";
import { Failure } from "../report/failure.ts";
import { print } from "../report/print.ts";
import { writeWhole } from "../report/whole-file.ts";

/** @param file as it was written; `-` is standard output @throws {Failure} when it cannot be written */
export async function writePage(file: string, data: PageData): Promise<void> {
  const html = pageHtml(data, await pageCode());
  if (file === "-") {
    print(html);
    return;
  }
  await writeWhole(file, html).catch((cause: NodeJS.ErrnoException) => {
    throw new Failure(`the page ${file} cannot be written: ${cause.message}`, {
      origin: { kind: "option", option: "--html" },
      cause,
    });
  });
}
