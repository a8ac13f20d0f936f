// Files that the configuration names and that are not there, as far as reading it has not asked for them already.

import { existsSync } from "node:fs";
import { type Config, settings } from "../settings/index.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Image, Project } from "./project.ts";

const TREES = ["extraTrees", "skeletonTrees", "sandboxTrees", "buildSources", "runtimeTrees"] as const;
/** Keys and certificates with where they come from: a token's names are no files. */
const KEYS = [
  ["secureBootKey", "secureBootKeySource"],
  ["secureBootCertificate", "secureBootCertificateSource"],
  ["verityKey", "verityKeySource"],
  ["verityCertificate", "verityCertificateSource"],
  ["signExpectedPcrKey", "signExpectedPcrKeySource"],
  ["signExpectedPcrCertificate", "signExpectedPcrCertificateSource"],
] as const;

/** What may be made by another image is only looked for when it is outside of the output directory. */
export function missingFiles(image: Image, project: Project): Diagnostic[] {
  const { config } = image;
  const outputs = config.outputDirectory ?? project.directory;
  const isMade = (path: string): boolean => config.dependencies.length > 0 && path.startsWith(`${outputs}/`);
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
    ...single("passphrase", config.passphrase),
    ...(variables?.startsWith("/") === true ? missing("firmwareVariables", variables) : []),
  ];
}
