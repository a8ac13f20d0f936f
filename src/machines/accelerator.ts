// KVM or emulation: what to try, and how to tell that a KVM which opens cannot run this guest after all. That happens
// in nested and restricted environments (no System Management Mode, instructions it cannot emulate).

import { closeSync, constants, openSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Architecture, nativeArchitecture } from "../facts/architectures.ts";
import { Failure, type Origin } from "../report/failure.ts";
import type { Feature } from "../settings/index.ts";
import type { Accelerator } from "./machine.ts";
import type { QmpClient, QmpEvent } from "./qmp.ts";

export const KVM_DEVICE = "/dev/kvm";

/** A guest that resets itself this often within this time does not get anywhere. */
const RESETS = 5;
const RESETS_WITHIN_MS = 10_000;

/**
 * Which accelerators to try, in order; a later one is for when an earlier one turns out not to work.
 * @param kvmUsable whether /dev/kvm can be opened
 * @throws {Failure} when KVM=yes cannot be
 */
export function acceleratorsToTry(
  kvm: Feature,
  architecture: Architecture,
  kvmUsable: boolean,
  origin: Origin | undefined,
): Accelerator["kind"][] {
  if (kvm === "disabled") return ["tcg"];
  const native = nativeArchitecture();
  const runsNatively = architecture === native || (native === "x86-64" && architecture === "x86");
  if (kvm === "auto") return runsNatively && kvmUsable ? ["kvm", "tcg"] : ["tcg"];
  if (!runsNatively) {
    throw new Failure(`KVM=yes, but this ${native} machine cannot run ${architecture} guests with it`, {
      origin,
      remedy: "set KVM=auto or KVM=no: the guest is emulated then",
    });
  }
  if (!kvmUsable) {
    throw new Failure(`KVM=yes, but ${KVM_DEVICE} cannot be opened`, {
      origin,
      remedy: "load the kvm module and join the group that owns the device (usually kvm), or set KVM=auto",
    });
  }
  return ["kvm"];
}

/** Whether this process may use KVM. */
export function kvmUsable(): boolean {
  try {
    closeSync(openSync(KVM_DEVICE, constants.O_RDWR));
    return true;
  } catch {
    return false;
  }
}

/** Why a guest stopped that was not asked to. */
export type GuestTrouble = "internal-error" | "guest-panicked" | "io-error" | "reset-loop" | "no-start";

/** Resolves when the guest has stopped for good without QEMU ending; never, when all goes well. */
export function guestTrouble(client: QmpClient): Promise<GuestTrouble> {
  return new Promise((resolve) => {
    const resets: number[] = [];
    client.onEvent((event) => {
      if (event.event === "GUEST_PANICKED") resolve("guest-panicked");
      if (isGuestReset(event)) {
        resets.push(Date.now());
        const first = resets.at(-RESETS);
        if (first !== undefined && Date.now() - first <= RESETS_WITHIN_MS) resolve("reset-loop");
      }
      // A user of QEMU's monitor may stop the machine too: only QEMU's status tells why.
      if (event.event === "STOP")
        void client.execute("query-status").then(
          (status) => {
            const trouble = troubleOf(status);
            if (trouble !== undefined) resolve(trouble);
          },
          () => {},
        );
    });
  });
}

/** Firmware under a KVM that works is done by then, also on a busy host. */
const FIRMWARE_WITHIN_MS = 15_000;
/** Long mode is active: bit 10 of EFER. */
const LONG_MODE = 0x400;

/**
 * Whether firmware hangs, as the BIOS does in its real mode where a KVM cannot run that, without any event: after a while
 * nothing was read of any disk, and the processor has not got to 64 bits.
 * @param afterMs how long it is given
 */
export async function firmwareHangs(
  client: Pick<QmpClient, "execute">,
  signal: AbortSignal,
  afterMs = FIRMWARE_WITHIN_MS,
): Promise<boolean> {
  try {
    await delay(afterMs, undefined, { signal });
    const disks = (await client.execute("query-blockstats")) as { stats?: { rd_operations?: number } }[];
    if (disks.some(({ stats }) => (stats?.rd_operations ?? 0) > 0)) return false;
    const registers = await client.execute("human-monitor-command", { "command-line": "info registers" });
    const efer = /\bEFER=([0-9a-f]+)/.exec(String(registers))?.[1];
    return efer !== undefined && (Number.parseInt(efer, 16) & LONG_MODE) === 0;
  } catch {
    return false; // QEMU has ended, or the machine's end is not waited for any more.
  }
}

function isGuestReset({ event, data }: QmpEvent): boolean {
  return event === "RESET" && data?.["guest"] === true;
}

function troubleOf(status: unknown): GuestTrouble | undefined {
  const { status: name } = status as { status: string };
  return name === "internal-error" || name === "guest-panicked" || name === "io-error" ? name : undefined;
}

/** The lines of QEMU's that matter: without registers, code bytes and deprecation warnings. */
export function qemuWords(output: string): string[] {
  const noise = /^[A-Z0-9]{2,4} ?=|^[A-Z]{2,3}[0-9]?=|^extra data\[|^Code=|: warning: |^\s*$/;
  return output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => !noise.test(line));
}

/**
 * What QEMU says about KVM when it ended, or stopped the guest, because of it.
 * @returns undefined when it says nothing of the kind
 */
export function kvmComplaint(output: string): string | undefined {
  const words = qemuWords(output);
  const about = words.filter((line) => /\bkvm\b|KVM|System Management Mode|emulation failure|hypervisor/.test(line));
  return about.length === 0 ? undefined : about.map((line) => line.replace(/^qemu-system-[^:]*: /, "")).join("; ");
}
