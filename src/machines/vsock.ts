// Gives a machine a vsock, over which its systemd tells us how it is, and ssh gets to it: by the kernel's vhost-vsock where that is, else
// by a daemon that forwards the guest's connections to unix sockets.

import { createHash, randomInt } from "node:crypto";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import { lockedDirectory, removeAbandoned } from "../sandbox/locked-directory.ts";
import { bind } from "../sandbox/spec.ts";
import { VSOCK_CID } from "../settings/types/number.ts";
import { findInToolbox, inside, type MachineContext } from "./context.ts";
import { startHelper } from "./helper.ts";
import type { VsockDevice } from "./machine.ts";
import { type GuestNotifications, listenForNotifications } from "./notify.ts";
import type { SshProxy } from "./record.ts";
import { daemonProxy, kernelProxy } from "./ssh.ts";

/** The host's connection id. */
const HOST_CID = 2;
const KERNEL_DEVICE = "/dev/vhost-vsock";
const DAEMON = "vhost-device-vsock";
const SOCKETS_PREFIX = "vsock-";
const SOCKETS_INSIDE = "/run/vsock";

/** A port of the host, at which the guest gets to a server of ours. */
export interface Inlet {
  /** The unix socket that the server has to listen on. */
  readonly path: string;
  /** What systemd in the guest is told to connect to. */
  readonly address: string;
}

export interface Vsock extends AsyncDisposable {
  readonly device: VsockDevice;
  readonly devices: readonly string[];
  readonly notifications: GuestNotifications;
  /** Value of the vmm.notify_socket credential. */
  readonly notifyAddress: string;
  /** Makes another way from the guest to a server. */
  inlet(): Promise<Inlet>;
  /** How ssh gets to the guest; undefined: there is no way. */
  readonly proxy: SshProxy | undefined;
}

/** @returns undefined when there shall be no vsock, or (with VSock=auto) none is possible */
export async function openVsock(context: MachineContext): Promise<Vsock | undefined> {
  const { config, origin } = context.image;
  if (config.vsock === "disabled") return undefined;
  const missing = whatVsockLacks(context);
  if (missing !== undefined) {
    if (config.vsock === "enabled")
      throw new Failure(`VSock=yes, but ${missing}`, {
        origin: origin("vsock"),
        remedy: "set VSock=auto to do without",
      });
    context.note(`No vsock for the machine: ${missing}. Its exit status is 0 whenever it powers off cleanly.`);
    return undefined;
  }
  const cid = chooseCid(config.vsockCid, context.files.image);
  return kernelVsock() ? await openKernelVsock(context, cid) : await openDaemonVsock(context, cid);
}

/** Whether the device is there and this user may use it. */
export function kernelVsock(): boolean {
  try {
    accessSync(KERNEL_DEVICE, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Why a machine cannot have a vsock here; undefined when it can. */
export function whatVsockLacks({ toolbox }: Pick<MachineContext, "toolbox">): string | undefined {
  if (kernelVsock()) return findInToolbox(toolbox, ["socat"]) === undefined ? "socat is not installed" : undefined;
  if (findInToolbox(toolbox, [DAEMON]) !== undefined) return undefined;
  return `${KERNEL_DEVICE} cannot be opened and ${DAEMON} is not installed`;
}

/** A guest's connection id: given, derived from the image's path, or any. */
export function chooseCid(configured: number, image: string): number {
  if (configured >= 0) return configured;
  if (configured !== VSOCK_CID.hash) return randomInt(3, 0x7fff_ffff);
  const hash = createHash("sha256").update(image).digest().readUInt32LE(0);
  return Math.min(Math.max(hash, 3), 0xffff_fffe);
}

/** Unprivileged, and above the range that programs get ports from. */
function choosePort(): number {
  return randomInt(0x1000_0000, 0x7fff_ffff);
}

async function openKernelVsock(context: MachineContext, cid: number): Promise<Vsock> {
  const inlet = async (): Promise<Inlet> => {
    const port = choosePort();
    const name = `inlet-${port}`;
    await startHelper(context, {
      name: "socat (vsock)",
      argv: ["socat", `VSOCK-LISTEN:${port},fork`, `UNIX-CONNECT:${inside(name)}`],
      network: true,
      remedy: "set VSock=no to do without",
    });
    return { path: join(context.directory, name), address: `vsock-stream:${HOST_CID}:${port}` };
  };
  const { path, address: notifyAddress } = await inlet();
  const notifications = await listenForNotifications(path);
  return {
    ...{ device: { kind: "kernel", cid }, devices: [KERNEL_DEVICE], notifications, notifyAddress, inlet },
    proxy: kernelProxy(context.toolbox, cid),
    [Symbol.asyncDispose]: () => notifications[Symbol.asyncDispose](),
  };
}

async function openDaemonVsock(context: MachineContext, cid: number): Promise<Vsock> {
  const sockets = await socketsDirectory(context);
  try {
    return await startDaemon(context, sockets, cid);
  } catch (error) {
    await sockets[Symbol.asyncDispose]();
    throw error;
  }
}

async function startDaemon(context: MachineContext, sockets: Sockets, cid: number): Promise<Vsock> {
  // The daemon's convention: a guest's connection to a port of the host goes to the socket PATH_PORT.
  const inlet = async (): Promise<Inlet> => {
    const port = choosePort();
    return { path: join(sockets.path, `vsock_${port}`), address: `vsock-stream:${HOST_CID}:${port}` };
  };
  const { path, address: notifyAddress } = await inlet();
  const notifications = await listenForNotifications(path);
  await startHelper(context, {
    name: DAEMON,
    argv: [
      ...[DAEMON, "--guest-cid", String(cid), "--socket", inside("vsock-device")],
      ...["--uds-path", join(SOCKETS_INSIDE, "vsock")],
    ],
    mounts: [bind(sockets.path, SOCKETS_INSIDE)],
    socket: "vsock-device",
    remedy: "set VSock=no to do without",
  });
  return {
    ...{ device: { kind: "daemon", socket: inside("vsock-device") }, devices: [], notifications, notifyAddress, inlet },
    proxy: sockets.isSeen ? daemonProxy(context.toolbox, join(sockets.path, "vsock")) : undefined,
    async [Symbol.asyncDispose]() {
      await notifications[Symbol.asyncDispose]();
      await sockets[Symbol.asyncDispose]();
    },
  };
}

interface Sockets extends AsyncDisposable {
  readonly path: string;
  /** Whether other processes of this user see it: the machine's own directory may be in our namespace only. */
  readonly isSeen: boolean;
}

/** Where the daemon's sockets are; `mkosi ssh` connects to one of them. */
async function socketsDirectory({ directory, records: parent }: MachineContext): Promise<Sockets> {
  if (parent === undefined) return { path: directory, isSeen: false, [Symbol.asyncDispose]: async () => {} };
  await removeAbandoned(parent, SOCKETS_PREFIX);
  const { path, [Symbol.asyncDispose]: dispose } = await lockedDirectory(parent, SOCKETS_PREFIX);
  return { path, isSeen: true, [Symbol.asyncDispose]: dispose };
}
