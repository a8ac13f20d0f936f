// Describes a run of apk: our configuration, the cache and the tree at /buildroot, nothing of the host's apk.

import { bind, bindReadOnly, type Mount, type SandboxSpec } from "../../sandbox/spec.ts";
import { BUILDROOT } from "../../tools/tool.ts";
import type { PackageContext } from "../manager.ts";
import { proxyEnvironment } from "../proxy.ts";
import { sandboxHas } from "../sandbox-files.ts";
import { scriptletEnvironment, scriptletMounts, userLinks } from "../scriptlets.ts";
import { keyMounts } from "./keys.ts";
import { apkCache, CACHE, KEYS, REPOSITORIES } from "./layout.ts";
import type { LocalRepository } from "./local-repository.ts";

/** Indexes are brought up to date by `update` alone: this many minutes they are as they were. */
export const KEEP_INDEXES = ["--cache-max-age", "999999999"];

export interface ApkCommand {
  /** What follows our own options. */
  readonly arguments: readonly string[];
  /** The tree on the host that is /buildroot. */
  readonly root: string;
  readonly local?: LocalRepository | undefined;
  readonly network?: boolean;
  /** Whether scripts of packages have /proc, /sys and /dev. */
  readonly scripts?: boolean;
  readonly output?: "log" | "capture";
}

/** apk with the options of every run. */
export function apkArguments({ architecture, image }: PackageContext): string[] {
  return [
    ...["apk", "--root", BUILDROOT, "--cache-packages", "--cache-dir", CACHE, "--cache-predownload"],
    ...["--arch", architecture, "--no-interactive", "--preserve-env"],
    ...["--keys-dir", KEYS, "--repositories-file", REPOSITORIES],
    ...(image.config.repositoryKeyCheck ? [] : ["--allow-untrusted"]),
  ];
}

/** The sandbox of an apk run. @throws {Failure} when there are no keys */
export function apkSpec(context: PackageContext, command: ApkCommand): SandboxSpec {
  return {
    argv: [...apkArguments(context), ...command.arguments],
    base: { kind: "tools", toolbox: context.toolbox },
    mounts: [
      bind(command.root, BUILDROOT),
      ...apkMounts(context, command.local),
      ...(command.scripts === true ? [...scriptletMounts(command.root, BUILDROOT), ...userLinks()] : []),
    ],
    env: apkEnvironment(context),
    network: command.network ?? false,
    output: command.output ?? "log",
  };
}

/** What apk works with besides the tree. */
export function apkMounts(context: PackageContext, local: LocalRepository | undefined): readonly Mount[] {
  const urls = context.repositories.map(({ url }) => url);
  return [
    bind(apkCache(context).directory, CACHE),
    ...keyMounts(context),
    ...(local === undefined ? [] : local.mounts),
    ...(sandboxHas(context, REPOSITORIES)
      ? []
      : [
          {
            type: "file",
            // apk prefers what is newer, wherever it is; of equal versions the first counts.
            content: [...(local === undefined ? [] : [local.url]), ...urls].map((url) => `${url}\n`).join(""),
            target: REPOSITORIES,
          } as const,
        ]),
    ...urls.filter((url) => url.startsWith("/")).map((url) => bindReadOnly(url)),
  ];
}

/** What the scripts of packages are told, besides the user's `Environment=`, which wins. */
export function apkEnvironment({ image }: PackageContext): Record<string, string> {
  const { config } = image;
  // Signatures of indexes and packages are by SHA-1, which some systems' OpenSSL refuses unless it is told.
  const openssl = { OPENSSL_ENABLE_SHA1_SIGNATURES: "1" };
  return { HOME: "/", ...scriptletEnvironment(config), ...openssl, ...proxyEnvironment(config), ...config.environment };
}
