// `mkosi check`: what can be known to be wrong or odd without building anything.

import { existsSync } from "node:fs";
import { isExecutable } from "../formats/executable.ts";
import type { Origin } from "../report/failure.ts";
import { type Config, settings } from "../settings/index.ts";
import { lookAt } from "../settings/types/files.ts";
import { ignoredSettings } from "./check-format.ts";
import { impossibleSections } from "./check-match.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Image, Project } from "./project.ts";

const SCRIPTS = [
  ...(["configureScripts", "syncScripts", "prepareScripts", "buildScripts", "postInstallationScripts"] as const),
  ...(["finalizeScripts", "postOutputScripts", "cleanScripts"] as const),
];
const PACKAGES = ["packages", "buildPackages", "volatilePackages", "removePackages"] as const;
const TREES = ["extraTrees", "skeletonTrees", "sandboxTrees", "buildSources", "runtimeTrees"] as const;

/** Everything that is found in a project that was read without errors. */
export function checkProject(project: Project): Diagnostic[] {
  const images = project.tools === undefined ? project.images : [project.tools, ...project.images];
  const found = images.flatMap((image) => [
    ...scriptsThatCannotRun(image),
    ...packagesListedTwice(image),
    ...missingTrees(image, project),
    ...openPasswords(image),
    ...ignoredSettings(image),
  ]);
  const files = new Set(
    images.flatMap((image) => image.history.flatMap((event) => (event.type === "assigned" ? [] : [event.path]))),
  );
  return unique([...found, ...[...files].flatMap(impossibleSections)]);
}

/** What several images have from one place is told once. */
function unique(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [
    ...new Map(
      diagnostics.map((diagnostic) => [JSON.stringify([diagnostic.message, diagnostic.origin]), diagnostic]),
    ).values(),
  ];
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

function packagesListedTwice(image: Image): Diagnostic[] {
  return PACKAGES.flatMap((key) => {
    const packages = image.config[key];
    const twice = [...new Set(packages.filter((name, index) => packages.indexOf(name) !== index))];
    return twice.map((name) =>
      warning(
        `${settings[key].name}: ${name} is listed more than once`,
        image.origin(key, name),
        "One mention is enough.",
      ),
    );
  });
}

/** Trees that may be made by other images are only looked for when they are outside of the output directory. */
function missingTrees(image: Image, project: Project): Diagnostic[] {
  const outputs = image.config.outputDirectory ?? project.directory;
  const isMade = (path: string): boolean => image.config.dependencies.length > 0 && path.startsWith(`${outputs}/`);
  const missing = (key: keyof Config, path: string, element: unknown): Diagnostic[] =>
    existsSync(path) || isMade(path)
      ? []
      : [
          {
            level: "error",
            message: `${settings[key].name}: ${path} does not exist`,
            origin: image.origin(key, element),
            remedy: "Make it, or remove the setting.",
          },
        ];
  return [
    ...TREES.flatMap((key) => image.config[key].flatMap((tree) => missing(key, tree.source, tree))),
    ...(["baseTrees", "initrds"] as const).flatMap((key) =>
      image.config[key].flatMap((path) => missing(key, path, path)),
    ),
  ];
}

function openPasswords(image: Image): Diagnostic[] {
  const password = image.config.rootPassword;
  const origin = image.origin("rootPassword");
  if (password === null || password.hashed || password.password === "" || origin?.kind !== "file") return [];
  const mode = lookAt(origin.path)?.mode ?? 0;
  if ((mode & 0o004) === 0) return [];
  return [
    warning(
      "RootPassword: everybody who can read this file can read the password",
      origin,
      "Put it into mkosi.rootpw with mode 0600, or write hashed: and its hash.",
    ),
  ];
}

function warning(message: string, origin: Origin | undefined, remedy: string): Diagnostic {
  return { level: "warning", message, origin, remedy };
}
