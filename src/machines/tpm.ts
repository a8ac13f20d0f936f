// Gives a machine a software TPM: swtpm with a state of its own, new for each run.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import type { Board } from "./architecture.ts";
import { findInToolbox, inside, type MachineContext, machineMount } from "./context.ts";
import { startHelper } from "./helper.ts";

/** Whether the machine gets one. @throws {Failure} when TPM=yes cannot be */
export function wantsTpm(context: MachineContext, board: Board, uefi: boolean): boolean {
  const { config, origin } = context.image;
  if (config.tpm === "disabled") return false;
  const available =
    board.tpm !== undefined &&
    ["swtpm", "swtpm_setup"].every((name) => findInToolbox(context.toolbox, [name]) !== undefined);
  if (config.tpm === "enabled" && !available) {
    throw new Failure(
      board.tpm === undefined
        ? `TPM=yes, but QEMU's ${board.machine} machine has none`
        : "TPM=yes, but swtpm and swtpm_setup are not both installed",
      {
        origin: origin("tpm"),
        remedy:
          board.tpm === undefined
            ? "set TPM=no"
            : "install them (Debian: swtpm-tools), use ToolsTree=default, or set TPM=no",
      },
    );
  }
  return available && (config.tpm === "enabled" || uefi);
}

/** Starts it. @returns its control socket inside the sandbox */
export async function startTpm(context: MachineContext): Promise<string> {
  await mkdir(join(context.directory, "tpm"), { recursive: true });
  // One bank of registers: firmware hashes what it starts for each, which takes long when it is emulated.
  await context.runner.run({
    argv: ["swtpm_setup", "--tpm2", "--tpm-state", inside("tpm"), "--pcr-banks", "sha256", "--config", "/dev/null"],
    base: { kind: "tools", toolbox: context.toolbox },
    mounts: [machineMount(context)],
  });
  await startHelper(context, {
    name: "swtpm",
    argv: [
      "swtpm",
      "socket",
      "--tpm2",
      "--tpmstate",
      `dir=${inside("tpm")}`,
      "--ctrl",
      `type=unixio,path=${inside("tpm-control")}`,
    ],
    socket: "tpm-control",
    remedy: "set TPM=no to do without",
  });
  return inside("tpm-control");
}
