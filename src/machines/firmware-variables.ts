// Makes the private copy of firmware variables that a machine writes to, with keys enrolled as FirmwareVariables= says.

import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import { bindReadOnly, toolboxRoot } from "../sandbox/spec.ts";
import type { Board } from "./architecture.ts";
import { inside, type MachineContext, machineMount } from "./context.ts";
import { findFirmware } from "./firmware.ts";
import type { UefiImage } from "./machine.ts";

/** The name of the copy in the machine's directory. */
export const FIRMWARE_VARIABLES = "firmware-variables";
const CERTIFICATE_INSIDE = "/machine/certificate";
/** Owner of the entry in MokList: the vendor GUID that shim uses. */
const SHIM_GUID = "605dab50-e046-4300-abb6-3dd810dd8b23";

/** Finds firmware and prepares its variables. @throws {Failure} when there is no such firmware */
export async function prepareFirmware(context: MachineContext, board: Board, secureBoot: boolean): Promise<UefiImage> {
  const { firmwareVariables: wish, secureBootCertificate } = context.image.config;
  const files = await findFirmware(context.toolbox, {
    board,
    secureBoot,
    enrolledKeys: wish === "microsoft" || wish === "microsoft-mok",
  });
  const copy = join(context.directory, FIRMWARE_VARIABLES);
  const common = { code: files.code, codeFormat: files.codeFormat, variables: inside(FIRMWARE_VARIABLES), secureBoot };
  if (wish === "custom" || wish === "microsoft-mok") {
    if (secureBootCertificate === null) {
      throw new Failure(
        `FirmwareVariables=${wish} enrols the certificate of SecureBootCertificate=, which is not set`,
        {
          origin: context.image.origin("firmwareVariables"),
          remedy: "set SecureBootCertificate=, or make a key and certificate with: mkosi genkey",
        },
      );
    }
    await enrol(context, files.template, wish, secureBootCertificate);
    return { ...common, variablesFormat: "raw" };
  }
  const own = wish !== null && wish !== "microsoft";
  const root = toolboxRoot(context.toolbox);
  const source = own ? wish : join(root, files.template);
  await copyFile(source, copy).catch((cause: unknown) => {
    throw new Failure(`cannot copy the firmware variables ${source}: ${(cause as Error).message}`, {
      origin: context.image.origin("firmwareVariables"),
    });
  });
  return { ...common, variablesFormat: own ? "raw" : files.templateFormat };
}

async function enrol(
  context: MachineContext,
  template: string,
  wish: "custom" | "microsoft-mok",
  certificate: string,
): Promise<void> {
  const keys =
    wish === "custom"
      ? [
          "--enroll-cert",
          CERTIFICATE_INSIDE,
          "--add-db",
          "OvmfEnrollDefaultKeys",
          CERTIFICATE_INSIDE,
          "--no-microsoft",
          "--secure-boot",
        ]
      : ["--add-mok", SHIM_GUID, CERTIFICATE_INSIDE];
  await context.runner.run({
    argv: [
      "virt-fw-vars",
      "--input",
      template,
      "--output",
      inside(FIRMWARE_VARIABLES),
      ...keys,
      "--loglevel",
      "WARNING",
    ],
    base: { kind: "tools", toolbox: context.toolbox },
    mounts: [machineMount(context), bindReadOnly(certificate, CERTIFICATE_INSIDE)],
  });
}
