// KVM or emulation: what to try, and how to tell that a KVM which opens cannot run this guest after all. That happens
// in nested and restricted environments (no System Management Mode, instructions it cannot emulate).

import { closeSync, constants, openSync } from "node:fs";
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
export type GuestTrouble = "internal-error" | "guest-panicked" | "io-error" | "reset-loop";

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
