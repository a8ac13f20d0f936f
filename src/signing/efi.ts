// Signs EFI programs for Secure Boot, by systemd-sbsign(1) or sbsign(1).

import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { bind, bindReadOnly } from "../sandbox/spec.ts";
import type { Config } from "../settings/index.ts";
import type { ImageContext } from "../tools/context.ts";
import { hasTool, requireTool, runTool } from "../tools/tool.ts";
import { givePair, type KeyPair, systemdKeyOptions, theKeyPair } from "./keys.ts";

export type SignTool = Exclude<Config["secureBootSignTool"], "auto">;

const SYSTEMD_SBSIGN = "/usr/lib/systemd/systemd-sbsign";

/** The program of SecureBootSignTool=. @throws {Failure} when the toolbox lacks it */
export function signTool(context: ImageContext): SignTool {
  const { secureBootSignTool: wish } = context.image.config;
  const tool = wish !== "auto" ? wish : hasTool(context.toolbox, "systemd-sbsign") ? "systemd-sbsign" : "sbsign";
  requireTool(context, tool, "to sign EFI programs");
  return tool;
}

/**
 * Signs an EFI program with SecureBootKey=. Only to be called with SecureBoot=yes, which the checks before a build let
 * through with a key and a certificate only.
 * @param path the program, in our own mount namespace; may have signatures already
 * @param output where the signed one goes; may be the same path
 * @throws {Failure} when there is no tool to sign with; {CommandFailure}
 */
export async function signEfi(context: ImageContext, path: string, output: string): Promise<void> {
  const pair = theKeyPair(context, "secureBoot");
  const [input, target] = [join("/input", basename(path)), join("/output", basename(output))];
  await mkdir(dirname(output), { recursive: true });
  const mounts = [bindReadOnly(path, input), bind(dirname(output), "/output")];
  const sign = signTool(context) === "sbsign" ? sbsign : systemdSbsign;
  const { argv, ...needs } = sign(pair, input, target);
  await runTool(context, { argv, mounts: [...mounts, ...needs.mounts], devices: needs.devices });
}

function systemdSbsign(pair: KeyPair, input: string, output: string) {
  const { argv, mounts, devices = [] } = systemdKeyOptions(pair);
  return { argv: [SYSTEMD_SBSIGN, "sign", ...argv, "--output", output, input], mounts, devices };
}

function sbsign(pair: KeyPair, input: string, output: string) {
  const { key, certificate, mounts, devices } = givePair(pair);
  const engine = pair.keySource.type === "engine" ? ["--engine", pair.keySource.source] : [];
  return {
    argv: ["sbsign", ...engine, "--key", key, "--cert", certificate, "--output", output, input],
    mounts,
    devices,
  };
}
