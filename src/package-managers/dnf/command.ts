// Describes a run of dnf: dnf5 where the toolbox has it, else dnf 4, whose options differ in a few names.

import { bind, type SandboxSpec } from "../../sandbox/spec.ts";
import { isPackageFile } from "../../settings/types/package.ts";
import { BUILDROOT, hasTool } from "../../tools/tool.ts";
import type { PackageContext } from "../manager.ts";
import { proxyOf } from "../proxy.ts";
import { type RpmCommand, rpmEnvironment, rpmMounts } from "../rpm/command.ts";
import type { RpmLayout } from "../rpm/database.ts";
import { rpmCache } from "../rpm/layout.ts";
import { LOCAL } from "../rpm/local-repository.ts";
import { matches } from "../rpm/repositories.ts";
import { sandboxHas } from "../sandbox-files.ts";

/** What distributions that use dnf differ in. */
export interface DnfLayout extends RpmLayout {
  /** Variables in definitions of repositories that somebody's own files may use. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Whether paths of all files are downloaded, and not only of programs: packages of the distribution depend on others. */
  readonly fileLists: boolean;
}

/** The package cache in the sandbox. */
export const CACHE = "/var/cache/mkosi-dnf";

interface DnfCommand extends RpmCommand {
  /** Whether the paths of all files are needed although the arguments do not tell so. */
  readonly fileLists?: boolean;
}

export function dnfProgram({ toolbox }: PackageContext): "dnf5" | "dnf" {
  return hasTool(toolbox, "dnf5") ? "dnf5" : "dnf";
}

/** The sandbox of a dnf run. @throws {Failure} when a key is missing */
export function dnfSpec(context: PackageContext, command: DnfCommand, layout: DnfLayout): SandboxSpec {
  const { config } = context.image;
  const cache = rpmCache(context, dnfProgram(context));
  // Not the settings: a base system that looked at them would be made anew whenever Packages= is changed.
  const fileLists = layout.fileLists || command.fileLists === true || command.argv.some(isPath);
  const main = fileLists ? "optional_metadata_types=filelists\n" : "";
  return {
    argv: [dnfProgram(context), ...dnfOptions(context, command.local !== undefined), ...command.argv],
    base: { kind: "tools", toolbox: context.toolbox },
    mounts: [
      ...rpmMounts(context, command, layout, { path: "/etc/yum.repos.d/mkosi.repo" }),
      bind(cache.directory, CACHE),
      { type: "dir", target: "/var/log" },
      { type: "dir", target: "/etc/dnf/vars" },
      ...Object.entries({
        "/etc/dnf/dnf.conf": `[main]\n${main}`,
        ...Object.fromEntries(
          Object.entries(layout.variables ?? {}).map(([name, value]) => [`/etc/dnf/vars/${name}`, value]),
        ),
      })
        .filter(([target]) => !sandboxHas(context, target))
        .map(([target, content]) => ({ type: "file", content, target }) as const),
    ],
    env: rpmEnvironment(config),
    network: command.network ?? false,
    output: command.output ?? "log",
  };
}

/** Whether packages are asked for by paths of files. */
export function asksForPaths({ image }: PackageContext): boolean {
  const { packages, buildPackages, volatilePackages } = image.config;
  return [...packages, ...buildPackages, ...volatilePackages].some(isPath);
}

function isPath(argument: string): boolean {
  return argument.startsWith("/") && !isPackageFile(argument);
}

/** Options of every run. @param withLocal whether packages of this machine may replace newer ones */
export function dnfOptions(context: PackageContext, withLocal = false): string[] {
  const { config } = context.image;
  const isNew = dnfProgram(context) === "dnf5";
  const proxy = proxyOf(config);
  const settings = {
    keepcache: "1",
    cachedir: CACHE,
    logdir: "/var/log",
    persistdir: `${BUILDROOT}/var/lib/dnf`,
    reposdir: "/etc/yum.repos.d",
    varsdir: "/etc/dnf/vars",
    install_weak_deps: config.withRecommends ? "1" : "0",
    check_config_file_age: "0",
    // a repository that cannot be had is a failure: its packages would be missing in silence
    skip_if_unavailable: "0",
    ...(proxy === undefined ? {} : { proxy: proxy.url }),
    ...(proxy?.peerCertificate === undefined ? {} : { proxy_sslcacert: proxy.peerCertificate }),
    ...(proxy?.clientCertificate === undefined ? {} : { proxy_sslclientcert: proxy.clientCertificate }),
    ...(proxy?.clientKey === undefined ? {} : { proxy_sslclientkey: proxy.clientKey }),
  };
  // the others are in files of somebody's own, which we do not read
  const others = config.repositories.filter((name) => !context.repositories.some(({ id }) => matches(name, id)));
  return [
    ...["--assumeyes", "--best", `--releasever=${config.release}`, `--installroot=${BUILDROOT}`],
    ...(isNew ? ["--use-host-config", "--skip-file-locks"] : ["--config=/etc/dnf/dnf.conf"]),
    ...Object.entries(settings).map(([name, value]) => `--setopt=${name}=${value}`),
    `--forcearch=${context.architecture}`,
    ...(config.repositoryKeyCheck ? [] : [isNew ? "--no-gpgchecks" : "--nogpgcheck"]),
    ...(config.withDocs ? [] : [isNew ? "--no-docs" : "--nodocs"]),
    ...others.map((name) => (isNew ? `--enable-repo=${name}` : `--enablerepo=${name}`)),
    ...(withLocal ? [`--setopt=${LOCAL}.metadata_expire=0`] : []),
  ];
}

/** Options of a run that has to make do with the metadata as it was last fetched. */
export const KEPT_METADATA = ["--setopt=metadata_expire=never"];
