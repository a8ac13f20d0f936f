// What `mkosi check` and the language server find: everything that can be known to be wrong without building.

import { checkProject, withExcerpts } from "../config/check.ts";
import { ConfigurationFailure, type Diagnostic } from "../config/diagnostics.ts";
import type { Image, Project } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import { checkImageOf } from "./project-build.ts";

/** The project; with errors in it what could be read of it. Its warnings have the errors, too. */
export async function projectOf(
  load: () => Promise<Project>,
): Promise<{ readonly project: Project; readonly isWhole: boolean }> {
  try {
    return { project: await load(), isWhole: true };
  } catch (error) {
    if (!(error instanceof ConfigurationFailure)) throw error;
    return { project: error.project, isWhole: false };
  }
}

/** What is found beside the project's warnings. `isWhole`: it was read without errors; `strict`: see --strict. */
export async function findings(project: Project, isWhole: boolean, strict: boolean): Promise<Diagnostic[]> {
  const checked = checkProject(project, isWhole);
  const all = isWhole ? [...checked, ...(await refusals(project, checked))] : checked;
  const told = new Set(project.warnings.map(identityOf));
  return all
    .filter((diagnostic) => !told.has(identityOf(diagnostic)))
    .map((diagnostic) => (strict && diagnostic.strict === true ? { ...diagnostic, level: "error" } : diagnostic));
}

/** What a build would refuse at its start, without what is known to be wrong in the same place: a file that is not there. */
async function refusals(project: Project, known: readonly Diagnostic[]): Promise<Diagnostic[]> {
  const images = project.tools === undefined ? project.images : [project.tools, ...project.images];
  const places = new Set(known.filter(({ level }) => level === "error").map(({ origin }) => JSON.stringify(origin)));
  const problems = await Promise.all(images.map((image) => buildProblems(project, image)));
  return withExcerpts(problems.flat()).filter(
    ({ origin }) => origin === undefined || !places.has(JSON.stringify(origin)),
  );
}

function identityOf({ message, origin }: Diagnostic): string {
  return JSON.stringify([message, origin]);
}

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
