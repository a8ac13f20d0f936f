// Files that the configuration names and that are not there, as far as reading it has not asked for them already.

import { existsSync } from "node:fs";
import { type Config, settings } from "../settings/index.ts";
import { isFile, lookAt } from "../settings/types/files.ts";
import type { Diagnostic } from "./diagnostics.ts";
import { type Image, isOutputOf, type Project } from "./project.ts";

const TREES = ["extraTrees", "skeletonTrees", "sandboxTrees", "buildSources", "runtimeTrees"] as const;
/** Scripts that have the output directory at hand. */
const WRITING_SCRIPTS = ["buildScripts", "postInstallationScripts", "finalizeScripts", "postOutputScripts"] as const;
/** Keys and certificates with where they come from: a token's names are no files. */
const KEYS = [
  ["secureBootKey", "secureBootKeySource"],
  ["secureBootCertificate", "secureBootCertificateSource"],
  ["verityKey", "verityKeySource"],
  ["verityCertificate", "verityCertificateSource"],
  ["signExpectedPcrKey", "signExpectedPcrKeySource"],
  ["signExpectedPcrCertificate", "signExpectedPcrCertificateSource"],
] as const;

/** What the images that are built earlier will have made is not looked for. */
export function missingFiles(image: Image, project: Project): Diagnostic[] {
  const { config } = image;
  const earlier = [
    ...(project.tools === undefined ? [] : [project.tools]),
    ...project.images.slice(0, Math.max(0, project.images.indexOf(image))),
  ];
  const isMade = (path: string): boolean => earlier.some((other) => makes(project, other, path));
  const missing = (key: keyof Config, path: string, element?: unknown): Diagnostic[] =>
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
  const single = (key: keyof Config, path: string | null): Diagnostic[] => (path === null ? [] : missing(key, path));
  const variables = config.firmwareVariables;
  return [
    ...TREES.flatMap((key) => config[key].flatMap((tree) => missing(key, tree.source, tree))),
    ...(["baseTrees", "initrds"] as const).flatMap((key) => config[key].flatMap((path) => missing(key, path, path))),
    ...KEYS.flatMap(([key, source]) => (config[source].type === "file" ? single(key, config[key]) : [])),
    ...config.environmentFiles.flatMap((path) => notAFile(image, "environmentFiles", path, path)),
    ...config.credentials.flatMap((credential) =>
      credential.path === null ? [] : notAFile(image, "credentials", credential.path, credential),
    ),
    ...single("passphrase", config.passphrase),
    ...(variables?.startsWith("/") === true ? missing("firmwareVariables", variables) : []),
  ];
}

/** Whether a path may be an output of an image: one with its name, or any in the directory when scripts put files there. */
function makes(project: Project, image: Image, path: string): boolean {
  const { outputDirectory } = image.config;
  if (isOutputOf(project, image, path)) return true;
  if (outputDirectory === null || !path.startsWith(`${outputDirectory}/`)) return false;
  return WRITING_SCRIPTS.some((key) => image.config[key].length > 0);
}

/** What is there, but cannot be read to an end. */
function notAFile(image: Image, key: keyof Config, path: string, element: unknown): Diagnostic[] {
  if (lookAt(path) === undefined || isFile(path)) return [];
  const message = `${settings[key].name}: ${path} is not a file`;
  return [{ level: "error", message, origin: image.origin(key, element), remedy: "Make it a file, or remove it." }];
}
