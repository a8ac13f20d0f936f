// `mkosi check`: all that can be known of a project without building it. The exit status is 1 when there are errors.

import { checkImage } from "../build/checks.ts";
import { checkProject, withExcerpts } from "../config/check.ts";
import type { Diagnostic } from "../config/diagnostics.ts";
import { diagnosticsJson, formatJson } from "../config/json.ts";
import type { Image } from "../config/project.ts";
import { ExitStatus, Failure } from "../report/failure.ts";
import { print, printFailure } from "../report/print.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run({ args, project }) {
    const loaded = await project();
    const images = loaded.tools === undefined ? loaded.images : [loaded.tools, ...loaded.images];
    const found = [...checkProject(loaded), ...withExcerpts(images.flatMap(buildProblems))];
    const errors = found.filter((diagnostic) => diagnostic.level === "error").length;
    if (args.json) print(formatJson(diagnosticsJson([...loaded.warnings, ...found])));
    else {
      for (const { level, message, ...details } of found) printFailure(new Failure(message, details), level);
      const warnings = found.length - errors + loaded.warnings.length;
      print(`${images.length} image${images.length === 1 ? "" : "s"}: ${errors} errors, ${warnings} warnings`);
    }
    if (errors > 0) throw new ExitStatus(1);
  },
};

/** What a build would refuse at its start. */
function buildProblems(image: Image): Diagnostic[] {
  try {
    checkImage(image);
    return [];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { origin, remedy, excerpt } = error.details;
    return [{ level: "error", message: error.message, origin, remedy, excerpt }];
  }
}
