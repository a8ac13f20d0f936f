// Turns a SandboxSpec into a bubblewrap command line. Pure but for looking at which entries the tools tree has,
// so that tests can compare it with what is expected word for word.

import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { NOTHING_OWN, sandboxEntries, TOOLBOX_ETC, USR_LINKS } from "./sandbox-tree.ts";
import type { Mount, SandboxSpec, Toolbox } from "./spec.ts";
import { sandboxTree, toolboxRoot } from "./spec.ts";

/** Things outside the spec that a command line needs. */
export interface BubblewrapEnvironment {
  /** Directory with the minimal /etc of every tools sandbox (passwd, group, nsswitch.conf, hosts). */
  readonly etc: string;
  /** Puts a file's content somewhere and returns its path. */
  fileFor(content: string): string;
}

/** A user whom a script has made may write there, too. */
const TEMPORARY = ["--perms", "1777", "--tmpfs", "/tmp"];

/** What name resolution needs when the network is there. */
const NETWORK_ETC = ["resolv.conf", "hosts", "services", "protocols"];

/** Specs that bubblewrap can do. */
export type BubblewrapSpec = SandboxSpec & { readonly base: { readonly kind: "tools" | "image" } };

/** The arguments of `bwrap` for a spec, up to and including the program and its own arguments. */
export function bubblewrapArguments(spec: BubblewrapSpec, environment: BubblewrapEnvironment): string[] {
  return [
    ...["--die-with-parent", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...(spec.network === true ? [] : ["--unshare-net"]),
    // Only a program that talks to the terminal may stay in its session; the others cannot reach it.
    ...(spec.output === "terminal" ? [] : ["--new-session"]),
    ...(spec.endsOrderly === true ? ["--as-pid-1"] : []),
    ...["--cap-add", "ALL"],
    ...(spec.base.kind === "tools"
      ? toolsBase(
          spec.base.toolbox,
          spec.network === true,
          environment,
          new Set(spec.mounts?.flatMap(({ type, target }) => (type === "dir" ? [] : [target]))),
        )
      : imageBase(spec.base.root)),
    ...(spec.mounts ?? []).flatMap((mount) => mountArguments(mount, environment)),
    ...(spec.devices ?? []).flatMap((device) => ["--dev-bind-try", device, device]),
    ...["--chdir", spec.cwd ?? "/"],
    "--",
    ...spec.argv,
  ];
}

function toolsBase(
  toolbox: Toolbox,
  network: boolean,
  environment: BubblewrapEnvironment,
  /** Targets of the spec's own mounts: a file of the base there would be in their way (a link cannot be put over a mount). */
  replaced: ReadonlySet<string>,
): string[] {
  const root = toolboxRoot(toolbox);
  const sandbox = sandboxTree(toolbox);
  const beneath = sandbox?.beneath ?? toolbox;
  const own = sandbox === undefined ? NOTHING_OWN : sandboxEntries(sandbox.directory, replaced);
  const links = USR_LINKS.flatMap((name) => usrEntry(toolboxRoot(beneath), name));
  const isFree = (name: string) => !replaced.has(`/etc/${name}`) && !own.etc.has(name);
  const etc = TOOLBOX_ETC.flatMap((name) => ["--ro-bind-try", join(root, "etc", name), `/etc/${name}`]);
  const searchPaths = toolbox.searchPaths.flatMap((path) => ["--ro-bind-try", path, path]);
  return [
    ...["--tmpfs", "/", "--ro-bind", join(root, "usr"), "/usr", ...links],
    ...(beneath.kind === "host" && existsSync("/opt") ? ["--ro-bind-try", "/opt", "/opt"] : []),
    ...["--dir", "/etc", "--dir", "/var", "--dir", "/var/tmp", "--dir", "/root", "--dir", "/home"],
    ...["passwd", "group", "nsswitch.conf", "hosts"]
      .filter(isFree)
      .flatMap((name) => ["--ro-bind", join(environment.etc, name), `/etc/${name}`]),
    ...etc,
    ...(beneath.kind === "tree" && beneath.certificates === "host" ? hostCertificates(beneath.root, own.etc) : []),
    ...(network ? networkFiles(isFree) : []),
    ...["--dev", "/dev", "--proc", "/proc", "--ro-bind-try", "/sys", "/sys", ...TEMPORARY, "--tmpfs", "/run"],
    ...own.arguments,
    ...searchPaths,
  ];
}

/** Where distributions have the authorities that a machine trusts. Keys of packages, also in /etc/pki, are not among them. */
const CERTIFICATES = ["etc/ssl", "etc/ca-certificates", "etc/pki/ca-trust", "etc/pki/tls", "var/lib/ca-certificates"];

/** @param own names in /etc that SandboxTrees= have: these stay */
function hostCertificates(tools: string, own: ReadonlySet<string>): string[] {
  return CERTIFICATES.filter((path) => !own.has(path.split("/")[1] ?? "")).flatMap((path) => {
    // No directory can be made in the tools tree's /etc/pki.
    const hasPlace =
      !path.startsWith("etc/pki/") || existsSync(join(tools, path)) || !existsSync(join(tools, "etc/pki"));
    return hasPlace ? ["--ro-bind-try", `/${path}`, `/${path}`] : [];
  });
}

function usrEntry(root: string, name: string): string[] {
  const path = join(root, name);
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return [];
  return entry.isSymbolicLink() ? ["--symlink", readlinkSync(path), `/${name}`] : ["--ro-bind", path, `/${name}`];
}

function imageBase(root: string): string[] {
  return [
    ...["--bind", root, "/", "--dev", "/dev", "--proc", "/proc", "--ro-bind-try", "/sys", "/sys"],
    ...[...TEMPORARY, "--tmpfs", "/run"],
  ];
}

function networkFiles(isFree: (name: string) => boolean): string[] {
  return NETWORK_ETC.filter(isFree).flatMap((name) => ["--ro-bind-try", `/etc/${name}`, `/etc/${name}`]);
}

function mountArguments(mount: Mount, environment: BubblewrapEnvironment): string[] {
  switch (mount.type) {
    case "bind": {
      const option = `${mount.readOnly ? "--ro-bind" : "--bind"}${mount.optional === true ? "-try" : ""}`;
      return [option, mount.source, mount.target];
    }
    case "tmpfs":
      return ["--perms", (mount.mode ?? 0o755).toString(8).padStart(4, "0"), "--tmpfs", mount.target];
    case "symlink":
      return ["--symlink", mount.to, mount.target];
    case "dir":
      return ["--dir", mount.target];
    case "file":
      return ["--ro-bind", environment.fileFor(mount.content), mount.target];
    case "dev":
      return ["--dev", mount.target];
    case "proc":
      return ["--proc", mount.target];
  }
}

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** $PATH of programs that run with a toolbox. */
export function toolsPath({ searchPaths }: Toolbox): string {
  return [...searchPaths, SYSTEM_PATH].join(":");
}

/** The variables every program starts with; a spec's own come on top. */
export function baseEnvironment(spec: SandboxSpec): Record<string, string> {
  return {
    PATH: spec.base.kind === "image" ? SYSTEM_PATH : toolsPath(spec.base.toolbox),
    HOME: "/root",
    LANG: "C.UTF-8",
    TMPDIR: "/tmp",
    ...(spec.output === "terminal" && process.env.TERM !== undefined ? { TERM: process.env.TERM } : {}),
    ...(process.env.NO_COLOR === undefined ? {} : { NO_COLOR: process.env.NO_COLOR }),
    ...spec.env,
  };
}
