// `mkosi check`: all that can be known of a project without building it. The exit status is 1 when there are errors.

import { checkImageOf } from "../build/project-build.ts";
import { checkProject, withExcerpts } from "../config/check.ts";
import { ConfigurationFailure, type Diagnostic } from "../config/diagnostics.ts";
import { diagnosticsJson, formatJson } from "../config/json.ts";
import type { Image, Project } from "../config/project.ts";
import { ExitStatus, Failure } from "../report/failure.ts";
import { print, printFailure } from "../report/print.ts";
import type { Invocation, Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run(invocation) {
    const { args } = invocation;
    const { project, isWhole } = await readProject(invocation);
    const images = project.tools === undefined ? project.images : [project.tools, ...project.images];
    const checked = checkProject(project, isWhole);
    if (isWhole) {
      // A file that is not there has been told of.
      const places = new Set(
        checked.filter(({ level }) => level === "error").map(({ origin }) => JSON.stringify(origin)),
      );
      for (const image of images) {
        const problems = withExcerpts(await buildProblems(project, image));
        checked.push(...problems.filter(({ origin }) => origin === undefined || !places.has(JSON.stringify(origin))));
      }
    }
    const told = new Set(project.warnings.map(identityOf));
    const found = checked
      .filter((diagnostic) => !told.has(identityOf(diagnostic)))
      .map(
        (diagnostic): Diagnostic =>
          args.strict && diagnostic.strict === true ? { ...diagnostic, level: "error" } : diagnostic,
      );
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

/** The project; with errors in it what could be read of it, with these errors. */
async function readProject(invocation: Invocation): Promise<{ project: Project; isWhole: boolean }> {
  try {
    return { project: await invocation.project(), isWhole: true };
  } catch (error) {
    if (!(error instanceof ConfigurationFailure)) throw error;
    return { project: error.project, isWhole: false };
  }
}

function identityOf({ message, origin }: Diagnostic): string {
  return JSON.stringify([message, origin]);
}

function counted(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

/** What a build would refuse at its start. */
async function buildProblems(project: Project, image: Image): Promise<Diagnostic[]> {
  try {
    await checkImageOf(project, image);
    return [];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { origin, remedy, excerpt } = error.details;
    return [{ level: "error", message: error.message, origin, remedy, excerpt }];
  }
}
