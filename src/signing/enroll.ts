// SecureBootAutoEnroll=: the key databases that systemd-boot gives to firmware in setup mode, signed updates of PK, KEK and
// db in loader/keys/auto of the ESP (see systemd-boot(7)). One certificate serves for all three.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import { bind } from "../sandbox/spec.ts";
import type { TreeContext } from "../tools/context.ts";
import { pathInside } from "../tools/inside.ts";
import { requireTool, runTool, systemdVersion, type ToolOptions } from "../tools/tool.ts";
import { givePair, systemdKeyOptions, theKeyPair } from "./keys.ts";

/** The first bootctl that makes them itself. */
const WITH_AUTO_ENROLL = 257;
const NO_OWNER = "00000000-0000-0000-0000-000000000000";
const ATTRIBUTES = "NON_VOLATILE,BOOTSERVICE_ACCESS,RUNTIME_ACCESS,TIME_BASED_AUTHENTICATED_WRITE_ACCESS";

/** What bootctl is told when it is to make them; undefined when it is not, or cannot. */
export async function enrollmentOptions(context: TreeContext): Promise<ToolOptions | undefined> {
  if (!wantsEnrollment(context) || !(await bootctlEnrolls(context))) return undefined;
  const { argv, ...needs } = systemdKeyOptions(theKeyPair(context, "secureBoot"));
  return { argv: ["--secure-boot-auto-enroll=yes", ...argv], ...needs };
}

/** Makes them where bootctl cannot, by the programs of sbsigntools. @throws {Failure} {CommandFailure} */
export async function makeEnrollment(context: TreeContext): Promise<void> {
  if (!wantsEnrollment(context) || (await bootctlEnrolls(context))) return;
  for (const program of ["sbsiglist", "sbvarsign"]) requireTool(context, program, "to have firmware enrol the key");
  const pair = theKeyPair(context, "secureBoot");
  const { key, certificate, mounts, devices } = givePair(pair);
  if (pair.keySource.type === "provider" || pair.certificateSource.type !== "file") {
    throw new Failure("sbvarsign takes no keys of OpenSSL providers", {
      origin: context.image.origin("secureBootKeySource"),
      remedy: `use a tools tree with systemd ${WITH_AUTO_ENROLL} or newer, or set SecureBootAutoEnroll=no`,
    });
  }
  const directory = pathInside(context.root, "efi/loader/keys/auto");
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const engine = pair.keySource.type === "engine" ? ["--engine", pair.keySource.source] : [];
  const run = async (...argv: readonly string[]) =>
    await runTool(context, {
      argv,
      mounts: [...mounts, bind(context.scratch, "/work"), bind(directory, "/output")],
      devices,
    });
  await run("openssl", "x509", "-outform", "DER", "-in", certificate, "-out", "/work/enrol.der");
  await run("sbsiglist", "--owner", NO_OWNER, "--type", "x509", "--output", "/work/enrol.esl", "/work/enrol.der");
  for (const database of ["PK", "KEK", "db"]) {
    const signer = [...engine, "--key", key, "--cert", certificate];
    const output = join("/output", `${database}.auth`);
    await run("sbvarsign", "--attr", ATTRIBUTES, ...signer, "--output", output, database, "/work/enrol.esl");
  }
}

function wantsEnrollment({ image: { config } }: TreeContext): boolean {
  return config.secureBoot && config.secureBootAutoEnroll;
}

async function bootctlEnrolls(context: TreeContext): Promise<boolean> {
  return (await systemdVersion(context, "bootctl")) >= WITH_AUTO_ENROLL;
}
