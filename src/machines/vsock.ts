// Gives a machine a vsock, over which its systemd tells us how it is: by the kernel's vhost-vsock where that is, else
// by a daemon that forwards the guest's connections to unix sockets.

import { createHash, randomInt } from "node:crypto";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import { VSOCK_CID } from "../settings/types/number.ts";
import { findInToolbox, inside, type MachineContext } from "./context.ts";
import { startHelper } from "./helper.ts";
import type { VsockDevice } from "./machine.ts";
import { type GuestNotifications, listenForNotifications } from "./notify.ts";

/** The host's connection id. */
const HOST_CID = 2;
const KERNEL_DEVICE = "/dev/vhost-vsock";
const DAEMON = "vhost-device-vsock";

export interface Vsock extends AsyncDisposable {
  readonly device: VsockDevice;
  readonly devices: readonly string[];
  readonly notifications: GuestNotifications;
  /** Value of the vmm.notify_socket credential. */
  readonly notifyAddress: string;
}

/** @returns undefined when there shall be no vsock, or (with VSock=auto) none is possible */
export async function openVsock(context: MachineContext): Promise<Vsock | undefined> {
  const { config, origin } = context.image;
  if (config.vsock === "disabled") return undefined;
  const missing = whatIsMissing(context);
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
  // Unprivileged, and above the range that programs get ports from.
  const port = randomInt(0x1000_0000, 0x7fff_ffff);
  return kernelVsock() ? await openKernelVsock(context, cid, port) : await openDaemonVsock(context, cid, port);
}

/** Whether the device is there and this user may use it. */
function kernelVsock(): boolean {
  try {
    accessSync(KERNEL_DEVICE, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function whatIsMissing({ toolbox }: MachineContext): string | undefined {
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

async function openKernelVsock(context: MachineContext, cid: number, port: number): Promise<Vsock> {
  const notifications = await listenForNotifications(join(context.directory, "notify"));
  await startHelper(context, {
    name: "socat (vsock)",
    argv: ["socat", `VSOCK-LISTEN:${port},fork`, `UNIX-CONNECT:${inside("notify")}`],
    network: true,
    remedy: "set VSock=no to do without",
  });
  return vsock({ kind: "kernel", cid }, [KERNEL_DEVICE], notifications, port);
}

async function openDaemonVsock(context: MachineContext, cid: number, port: number): Promise<Vsock> {
  // The daemon's convention: a guest's connection to a port of the host goes to the socket PATH_PORT.
  const notifications = await listenForNotifications(join(context.directory, `vsock_${port}`));
  await startHelper(context, {
    name: DAEMON,
    argv: [DAEMON, "--guest-cid", String(cid), "--socket", inside("vsock-device"), "--uds-path", inside("vsock")],
    socket: "vsock-device",
    remedy: "set VSock=no to do without",
  });
  return vsock({ kind: "daemon", socket: inside("vsock-device") }, [], notifications, port);
}

function vsock(
  device: VsockDevice,
  devices: readonly string[],
  notifications: GuestNotifications,
  port: number,
): Vsock {
  return {
    device,
    devices,
    notifications,
    notifyAddress: `vsock-stream:${HOST_CID}:${port}`,
    [Symbol.asyncDispose]: () => notifications[Symbol.asyncDispose](),
  };
}
