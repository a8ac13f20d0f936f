// What is told to ukify(1) about signatures: the one of the whole unified kernel image for Secure Boot, and those of the
// values that the TPM's register 11 will have (systemd-measure(1)), which the image carries in itself.

import { Failure } from "../report/failure.ts";
import { bindReadOnly } from "../sandbox/spec.ts";
import type { Config } from "../settings/index.ts";
import type { ImageContext } from "../tools/context.ts";
import { hasTool, requireTool, systemdVersion, type ToolOptions } from "../tools/tool.ts";
import { signTool } from "./efi.ts";
import { givePair, isElsewhere, type KeyPair, keyPair, theKeyPair } from "./keys.ts";

/** The first ukify that takes a certificate for PCR values, the first that signs what holds in the initrd. */
const WITH_PCR_CERTIFICATE = 258;
const WITH_INITRD_PCRS = 262;
/** The first ukify that is told which profiles it signs for. */
const WITH_SIGNED_PROFILES = 258;
/** Where SHA-1 is still allowed depends on the distribution; one bank is enough. */
const BANKS = ["--pcr-banks", "sha256"];
const NOTHING: ToolOptions = { argv: [], mounts: [] };

/** Whether PCR values are to be signed, as far as that can be told without knowing the tools. */
export function maySignPcrs(config: Config): boolean {
  if (config.signExpectedPcr !== "auto") return config.signExpectedPcr === "enabled";
  return keyPair(config, "signExpectedPcr") !== undefined;
}

/** Whether the values of PCR 11 are signed: SignExpectedPcr=auto asks for systemd-measure in the toolbox. */
function signsPcrs({ image, toolbox }: ImageContext): boolean {
  if (!maySignPcrs(image.config)) return false;
  return image.config.signExpectedPcr === "enabled" || hasTool(toolbox, "systemd-measure");
}

/** Whether the digests of PCR values are written to a file, for signing elsewhere. */
export function wantsPolicyDigests(context: ImageContext): boolean {
  return context.image.config.splitArtifacts.includes("pcrs") && !signsPcrs(context);
}

/** What all signatures of a unified kernel image take. @throws {Failure} when the toolbox lacks a program */
export async function ukiSigning(context: ImageContext): Promise<ToolOptions> {
  // With systemd-sbsign, ukify cannot see whether the distribution has signed the kernel; two signatures do no harm.
  const kernel = { argv: context.image.config.secureBoot ? ["--sign-kernel"] : [], mounts: [] };
  return joined([await addonSigning(context), kernel, await pcrSigning(context)]);
}

/** What an add-on takes, which is signed as a whole and has no PCR values of its own. @throws {Failure} */
export async function addonSigning(context: ImageContext): Promise<ToolOptions> {
  if (!context.image.config.secureBoot) return NOTHING;
  const pair = theKeyPair(context, "secureBoot");
  const { key, certificate, mounts, devices } = givePair(pair);
  return {
    argv: [
      ...["--signtool", signTool(context), "--secureboot-private-key", key, "--secureboot-certificate", certificate],
      ...sourceOptions(pair),
    ],
    mounts,
    devices,
  };
}

/** Where key and certificate are that are no files. */
function sourceOptions({ keySource, certificateSource }: KeyPair): readonly string[] {
  return [
    ...(keySource.type === "file" ? [] : [`--signing-${keySource.type}`, keySource.source]),
    ...(certificateSource.type === "file" ? [] : ["--certificate-provider", certificateSource.source]),
  ];
}

async function pcrSigning(context: ImageContext): Promise<ToolOptions> {
  const { config } = context.image;
  if (!signsPcrs(context)) return wantsPolicyDigests(context) ? await policyDigests(context) : NOTHING;
  requireTool(context, "systemd-measure", "to sign expected PCR values");
  const pair = theKeyPair(context, "signExpectedPcr");
  const { key, certificate, mounts, devices } = givePair(pair);
  const version = await systemdVersion(context, "ukify");
  // From a file, the public key is read out of the private one.
  const publicKey = version >= WITH_PCR_CERTIFICATE ? "--pcr-certificate" : "--pcr-public-key";
  // What is the same for Secure Boot was said with it.
  const sources = config.secureBoot ? [] : sourceOptions(pair);
  return {
    argv: [
      ...BANKS,
      ...["--pcr-private-key", key],
      ...(isElsewhere(pair) ? [publicKey, certificate] : []),
      ...sources,
      ...(await initrdPcrs(context, version)),
      ...profilePcrs(context, version),
    ],
    mounts,
    devices,
  };
}

/** For which profiles: ukify's own choice is all of them. @throws {Failure} when it cannot be told otherwise */
function profilePcrs(context: ImageContext, version: number): readonly string[] {
  const profiles = context.image.config.unifiedKernelImageProfiles;
  if (profiles.every(({ signExpectedPcr }) => signExpectedPcr)) return [];
  if (version < WITH_SIGNED_PROFILES)
    throw tooOld(context, "unifiedKernelImageProfiles", version, WITH_SIGNED_PROFILES);
  const signed = profiles.filter(({ signExpectedPcr }) => signExpectedPcr);
  return ["main", ...signed.map(({ profile }) => profile["ID"] ?? "")].map((id) => `--sign-profile=${id}`);
}

async function policyDigests(context: ImageContext): Promise<ToolOptions> {
  const { image } = context;
  requireTool(context, "systemd-measure", "to compute PCR values (SplitArtifacts=pcrs)");
  const { signExpectedPcrCertificate: certificate, signExpectedPcrCertificateSource: source } = image.config;
  if (certificate === null || source.type !== "file") {
    throw new Failure(`image ${image.name}: the digests of PCR values name the key that is to sign them`, {
      origin: image.origin("splitArtifacts"),
      remedy:
        "set SignExpectedPcrCertificate= to a file with that key's certificate, or take pcrs out of SplitArtifacts=",
    });
  }
  const version = await systemdVersion(context, "ukify");
  if (version < WITH_PCR_CERTIFICATE) throw tooOld(context, "splitArtifacts", version, WITH_PCR_CERTIFICATE);
  return {
    argv: [
      ...["--policy-digest", ...BANKS, "--pcr-certificate", "/signing/signExpectedPcr.crt"],
      ...(await initrdPcrs(context, version)),
    ],
    mounts: [bindReadOnly(certificate, "/signing/signExpectedPcr.crt")],
  };
}

async function initrdPcrs(context: ImageContext, version: number): Promise<readonly string[]> {
  const { signInitrdPcrs } = context.image.config;
  if (signInitrdPcrs === "disabled" || (signInitrdPcrs === "auto" && version < WITH_INITRD_PCRS)) return [];
  if (version < WITH_INITRD_PCRS) throw tooOld(context, "signInitrdPcrs", version, WITH_INITRD_PCRS);
  return ["--sign-initrd-pcrs"];
}

function tooOld({ image }: ImageContext, key: keyof Config, version: number, first: number): Failure {
  return new Failure(`image ${image.name}: ukify ${version} cannot do it, ${first} is the first that can`, {
    origin: image.origin(key),
    remedy: "use a tools tree with a newer systemd (ToolsTreeRelease=), or leave the setting out",
  });
}

function joined(parts: readonly ToolOptions[]): ToolOptions {
  const mounts = parts.flatMap((part) => part.mounts);
  return {
    argv: parts.flatMap(({ argv }) => argv),
    // The host's /run may be asked for twice.
    mounts: mounts.filter(({ target }, index) => mounts.findIndex((other) => other.target === target) === index),
    devices: [...new Set(parts.flatMap(({ devices = [] }) => devices))],
  };
}
