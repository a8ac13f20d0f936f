// `mkosi check`: all that can be known of a project without building it. The exit status is 1 when there are errors.

import { findings, projectOf } from "../build/findings.ts";
import { diagnosticsJson, formatJson } from "../config/json.ts";
import { ExitStatus, Failure } from "../report/failure.ts";
import { print, printFailure } from "../report/print.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run(invocation) {
    const { args } = invocation;
    const { project, isWhole } = await projectOf(() => invocation.project());
    const images = project.tools === undefined ? project.images : [project.tools, ...project.images];
    const found = await findings(project, isWhole, args.strict);
    const all = [...project.warnings, ...found];
    const errors = all.filter(({ level }) => level === "error").length;
    if (args.json) print(formatJson(diagnosticsJson(all)));
    else {
      // warnings of a project without errors are told when it is read
      for (const { level, message, ...details } of isWhole ? found : all)
        printFailure(new Failure(message, details), level);
      print(
        `${counted(images.length, "image")}: ${counted(errors, "error")}, ${counted(all.length - errors, "warning")}`,
      );
    }
    if (errors > 0) throw new ExitStatus(1);
  },
};

function counted(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
