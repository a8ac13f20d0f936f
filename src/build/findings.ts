// What `mkosi check` and the language server find: everything that can be known to be wrong without building.

import { checkProject, withExcerpts } from "../config/check.ts";
import { ConfigurationFailure, type Diagnostic } from "../config/diagnostics.ts";
import type { Image, Project } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import { checkImage } from "./checks.ts";

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
export function findings(project: Project, isWhole: boolean, strict: boolean): Diagnostic[] {
  const images = project.tools === undefined ? project.images : [project.tools, ...project.images];
  const checked = [...checkProject(project, isWhole), ...(isWhole ? withExcerpts(images.flatMap(buildProblems)) : [])];
  const told = new Set(project.warnings.map(identityOf));
  return checked
    .filter((diagnostic) => !told.has(identityOf(diagnostic)))
    .map((diagnostic) => (strict && diagnostic.strict === true ? { ...diagnostic, level: "error" } : diagnostic));
}

function identityOf({ message, origin }: Diagnostic): string {
  return JSON.stringify([message, origin]);
}

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
