// `mkosi check`: what can be known to be wrong or odd without building anything.

import { isExecutable } from "../formats/executable.ts";
import { formatOrigin, type Origin } from "../report/failure.ts";
import { settings } from "../settings/index.ts";
import { impossibleConditions, knownNames } from "./check-condition.ts";
import { definitionProblems } from "./check-definitions.ts";
import { missingFiles } from "./check-files.ts";
import { ignoredSettings } from "./check-format.ts";
import { ignoredFiles } from "./check-ignored.ts";
import { impossibleSections } from "./check-match.ts";
import { openSecrets } from "./check-secrets.ts";
import { unreadProblems } from "./check-unread.ts";
import { oddValues } from "./check-values.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Image, Project } from "./project.ts";
import { excerptAt } from "./source.ts";

export const SCRIPTS = [
  ...(["configureScripts", "syncScripts", "prepareScripts", "buildScripts", "postInstallationScripts"] as const),
  ...(["finalizeScripts", "postOutputScripts", "cleanScripts"] as const),
];
const PACKAGES = ["packages", "buildPackages", "volatilePackages", "removePackages"] as const;

/**
 * Everything that is found in a project, beside what reading it has told. What is built in is not the user's to mend.
 * @param isWhole whether it was read without errors; else no check is made that goes by several settings together
 */
export function checkProject(project: Project, isWhole = true): Diagnostic[] {
  const isOwn = (origin: Origin | undefined): boolean =>
    origin === undefined || origin.kind === "option" || !origin.path.startsWith(`${project.builtin}/`);
  const images = project.tools === undefined ? project.images : [project.tools, ...project.images];
  const found = images.flatMap((image) => [
    ...scriptsThatCannotRun(image),
    ...packagesListedTwice(image, isOwn),
    ...missingFiles(image, project),
    ...openSecrets(image),
    ...(isWhole ? oddValues(image) : []),
    ...(isWhole ? ignoredSettings(image) : []),
  ]);
  const events = images.flatMap(({ history }) => history.filter((event) => event.type !== "assigned"));
  const files = new Set(events.map(({ path }) => path).filter((path) => isOwn({ kind: "pickup", path })));
  const read = new Set(events.filter(({ type }) => type === "read").map(({ path }) => path));
  const known = knownNames(project, files);
  for (const path of files)
    found.push(
      ...impossibleSections(path),
      ...impossibleConditions(path, known),
      ...unreadProblems(path, !read.has(path)),
    );
  found.push(...ignoredFiles(project, files), ...definitionProblems(project));
  return withExcerpts(unique(found.filter(({ origin }) => isOwn(origin))));
}

/** What several images have from one place is told once. */
function unique(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [
    ...new Map(
      diagnostics.map((diagnostic) => [JSON.stringify([diagnostic.message, diagnostic.origin]), diagnostic]),
    ).values(),
  ];
}

/** Each with the line that it is about. */
export function withExcerpts(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.map((diagnostic) => ({
    ...diagnostic,
    excerpt: diagnostic.excerpt ?? excerptAt(diagnostic.origin),
  }));
}

function scriptsThatCannotRun(image: Image): Diagnostic[] {
  if (image.config.makeScriptsExecutable) return [];
  return SCRIPTS.flatMap((key) =>
    image.config[key].flatMap((script) => {
      if (isExecutable(script)) return [];
      const message = `${settings[key].name}: ${script} is not executable`;
      return [
        {
          level: "error" as const,
          message,
          origin: image.origin(key, script),
          remedy: `Run chmod +x ${script}, or set MakeScriptsExecutable=yes.`,
        },
      ];
    }),
  );
}

/** Told at the second mention. What a built-in configuration has as well may change, and is no mistake. */
function packagesListedTwice(image: Image, isOwn: (origin: Origin | undefined) => boolean): Diagnostic[] {
  return PACKAGES.flatMap((key) => {
    const origins = image.origins(key);
    const first = new Map<string, Origin | undefined>();
    return image.config[key].flatMap((name, index): Diagnostic[] => {
      const origin = origins[index];
      if (!isOwn(origin)) return [];
      const known = first.has(name);
      const before = first.get(name);
      if (!known) first.set(name, origin);
      if (!known) return [];
      const remedy = before === undefined ? "One mention is enough." : `It stands already in ${formatOrigin(before)}.`;
      return [{ level: "warning", message: `${settings[key].name}: ${name} is listed more than once`, origin, remedy }];
    });
  });
}
