// The base `host` of a SandboxSpec: a mount namespace in which this machine's directories are as they are, but /usr is
// the toolbox's. unshare(1) and a shell make it, so that the program that is run is our own child: signals reach it, and
// it is told to end when we die.

import { existsSync, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { TOOLBOX_ETC, USR_LINKS } from "./sandbox-tree.ts";
import type { Mount, SandboxSpec, Toolbox } from "./spec.ts";

/** Where the old root is while it is left. */
const OLD_ROOT = ".mkosi-old-root";

export type HostSpec = SandboxSpec & { readonly base: { readonly kind: "host" } };

/**
 * The command line for a spec with the base `host`.
 * @param root an empty directory, which the new root is mounted on
 */
export function hostArguments(spec: HostSpec, root: string): string[] {
  const { toolbox } = spec.base;
  const inner = toolbox.kind === "tree" ? root : "/";
  const commands = [
    ...(toolbox.kind === "tree" ? newRoot(toolbox, root) : []),
    ...(spec.mounts ?? []).map((mount) => mountCommand(mount, inner)),
    ...(toolbox.kind === "tree" ? enter(root) : []),
    `cd ${quote(spec.cwd ?? "/")}`,
    "unset OLDPWD",
    // A terminal that goes away is our business: we tell it to end, and it needs its time for that.
    'trap "" HUP',
    'exec "$@"',
  ];
  return [
    // SIGTERM and not SIGKILL: a container is to be shut down, and a terminal to be put back in order.
    ...["setpriv", "--pdeathsig", "TERM", "unshare", "--mount", "--propagation", "private"],
    ...["sh", "-ec", commands.join("\n"), "sh", ...spec.argv],
  ];
}

/** What stays as it is with ToolsTreeCertificates=no. */
const HOST_CERTIFICATES = ["ssl", "ca-certificates", "pki"];

/** All of this machine's root, with what belongs to /usr from the tools tree. */
function newRoot(toolbox: Toolbox & { readonly kind: "tree" }, root: string): string[] {
  const links = USR_LINKS.flatMap((name) => entry(join(toolbox.root, name), join(root, name)));
  const others = readdirSync("/")
    .filter((name) => name !== "usr" && !USR_LINKS.includes(name))
    .flatMap((name) => entry(join("/", name), join(root, name)));
  const isOwn = (name: string) => toolbox.certificates !== "host" || !HOST_CERTIFICATES.includes(name);
  const etc = TOOLBOX_ETC.filter(isOwn)
    .map((name) => [join(toolbox.root, "etc", name), join("/etc", name)] as const)
    .filter(([source, target]) => isMountable(source, target))
    .map(([source, target]) => bindCommand(source, join(root, target)));
  return [
    `mount -t tmpfs -o mode=0755 tmpfs ${quote(root)}`,
    ...entry(join(toolbox.root, "usr"), join(root, "usr")),
    ...links,
    ...others,
    ...etc,
  ];
}

/** A link or a directory of the old root in the new one; files and broken things at the top are left out. */
function entry(source: string, target: string): string[] {
  const status = lstatSync(source, { throwIfNoEntry: false });
  if (status?.isSymbolicLink() === true) return [`ln -s ${quote(readlinkSync(source))} ${quote(target)}`];
  return status?.isDirectory() === true ? [`mkdir ${quote(target)}`, bindCommand(source, target)] : [];
}

/** Nothing may be made in this machine's own /etc: only what is there on both sides is replaced. */
function isMountable(source: string, target: string): boolean {
  const [from, to] = [source, target].map((path) => lstatSync(path, { throwIfNoEntry: false }));
  if (from === undefined || to === undefined || from.isSymbolicLink() || to.isSymbolicLink()) return false;
  return from.isDirectory() === to.isDirectory() && existsSync(source);
}

function enter(root: string): string[] {
  return [
    `cd ${quote(root)}`,
    `mkdir ${OLD_ROOT}`,
    `pivot_root . ${OLD_ROOT}`,
    `umount -l /${OLD_ROOT}`,
    `rmdir /${OLD_ROOT}`,
  ];
}

function mountCommand(mount: Mount, root: string): string {
  switch (mount.type) {
    case "bind":
      return bindCommand(mount.source, join(root, mount.target), mount.readOnly);
    case "tmpfs":
      return `mount -t tmpfs -o mode=${(mount.mode ?? 0o755).toString(8)} tmpfs ${quote(join(root, mount.target))}`;
    default:
      throw new Error(`a mount of type ${mount.type} cannot be made on the host's own directories`);
  }
}

function bindCommand(source: string, target: string, readOnly = false): string {
  const bind = `mount --rbind ${quote(source)} ${quote(target)}`;
  return readOnly ? `${bind}\nmount -o remount,bind,ro ${quote(target)}` : bind;
}

/** As one word for the shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
