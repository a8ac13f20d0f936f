// What can be said about keys and certificates before anything is built: whether those that are needed are there, fit
// each other and are still valid, and whether the program that is to sign can use them.

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import { type Config, settings } from "../settings/index.ts";
import { fileProblem } from "../settings/types/files.ts";
import { type KeyPair, keyPair, PURPOSES, type Purpose, settingsOf, sourceText } from "./keys.ts";
import { maySignPcrs } from "./uki.ts";
import { wantedVerity } from "./verity.ts";

const GENKEY = "make a key and a certificate with: mkosi genkey";
const EXTENSIONS: readonly Config["format"][] = ["sysext", "confext", "portable"];
const PROGRAMS: readonly Config["format"][] = ["uki", "esp", "addon"];

/** Stops when an image is to be signed and cannot be. @throws {Failure} naming the setting and its place */
export function checkSigning(image: Image): void {
  for (const purpose of PURPOSES) requirePair(image, purpose);
  checkSources(image);
  checkInitrdPcrs(image);
  checkSbsign(image);
  for (const pair of usedPairs(image)) checkPair(image, pair);
}

/** The pairs that something is signed with when the image is built. */
export function usedPairs({ config }: Pick<Image, "config">): readonly KeyPair[] {
  const boots = config.bootable !== "disabled" || PROGRAMS.includes(config.format);
  const isUsed = (purpose: Purpose): boolean => {
    if (purpose === "secureBoot") return config.secureBoot && boots;
    if (purpose === "signExpectedPcr") return maySignPcrs(config) && boots && config.format !== "addon";
    const asked = config.verity === "signed" || EXTENSIONS.includes(config.format);
    return asked && wantedVerity(config) === "signature" && config.verity !== "defer";
  };
  return PURPOSES.filter(isUsed).flatMap((purpose) => keyPair(config, purpose) ?? []);
}

/** What asks for a pair, and is not to be had without. */
function requirePair(image: Image, purpose: Purpose): void {
  const { config, name } = image;
  const asking = {
    secureBoot: config.secureBoot,
    verity: config.verity === "signed",
    signExpectedPcr: config.signExpectedPcr === "enabled",
  }[purpose];
  if (!asking) return;
  const names = settingsOf(purpose);
  const missing = ([names.key, names.certificate] as const).find((key) => config[key] === null);
  if (missing === undefined) return;
  const setting = `${settings[purpose].name}=${purpose === "verity" ? "signed" : "yes"}`;
  throw new Failure(`image ${name}: ${setting} needs ${settings[missing].name}=, which is not set`, {
    origin: image.origin(purpose),
    remedy: `${GENKEY}   (or set ${settings[missing].name}=)`,
  });
}

/** ukify makes both signatures, and is told of one source. */
function checkSources(image: Image): void {
  if (usedPairs(image).every(({ purpose }) => purpose !== "secureBoot")) return;
  if (!maySignPcrs(image.config)) return;
  const [boot, pcr] = [settingsOf("secureBoot"), settingsOf("signExpectedPcr")];
  for (const [one, other] of [
    [boot.keySource, pcr.keySource],
    [boot.certificateSource, pcr.certificateSource],
  ] as const) {
    const [first, second] = [sourceText(image.config[one]), sourceText(image.config[other])];
    if (first === second) continue;
    throw new Failure(
      `image ${image.name}: ${settings[one].name}=${first} and ${settings[other].name}=${second} must be the same`,
      {
        origin: image.origin(other) ?? image.origin(one),
        remedy: `set ${settings[image.origin(other) === undefined ? other : one].name}= as well: one program makes both signatures`,
      },
    );
  }
}

function checkInitrdPcrs(image: Image): void {
  const { signInitrdPcrs, splitArtifacts } = image.config;
  if (signInitrdPcrs !== "enabled" || maySignPcrs(image.config) || splitArtifacts.includes("pcrs")) return;
  throw new Failure(`image ${image.name}: SignInitrdPCRs=yes, but no PCR values are signed or written out`, {
    origin: image.origin("signInitrdPcrs"),
    remedy: "set SignExpectedPcr=yes, or add pcrs to SplitArtifacts=",
  });
}

function checkSbsign(image: Image): void {
  const { secureBoot, secureBootSignTool, secureBootKeySource, secureBootCertificateSource } = image.config;
  if (!secureBoot || secureBootSignTool !== "sbsign") return;
  const key = secureBootKeySource.type === "provider" ? "secureBootKeySource" : undefined;
  const source = key ?? (secureBootCertificateSource.type === "provider" ? "secureBootCertificateSource" : undefined);
  if (source === undefined) return;
  throw new Failure(`image ${image.name}: sbsign cannot use OpenSSL providers (${settings[source].name}=)`, {
    origin: image.origin(source),
    remedy: "set SecureBootSignTool=systemd-sbsign",
  });
}

/** Looks into files; what a token has is asked of it when the tools are there. */
function checkPair(image: Image, pair: KeyPair): void {
  const names = settingsOf(pair.purpose);
  const key = pair.keySource.type === "file" ? readKey(image, names.key, pair.key) : undefined;
  const certificate =
    pair.certificateSource.type === "file" ? readCertificate(image, names.certificate, pair.certificate) : undefined;
  if (certificate === undefined) return;
  if (key !== undefined && !certificate.checkPrivateKey(key)) {
    throw new Failure(`image ${image.name}: the certificate ${pair.certificate} is not one of the key ${pair.key}`, {
      origin: image.origin(names.certificate) ?? image.origin(names.key),
      remedy: `name the two that belong together in ${settings[names.key].name}= and ${settings[names.certificate].name}=, or ${GENKEY} -f`,
    });
  }
  // Of PCR values nothing but the public key counts.
  if (pair.purpose === "signExpectedPcr") return;
  if (Date.parse(certificate.validFrom) > Date.now()) {
    throw new Failure(
      `image ${image.name}: the certificate ${pair.certificate} is not valid yet, but from ${certificate.validFrom}`,
      { origin: image.origin(names.certificate), remedy: `set this machine's clock, or ${GENKEY} -f` },
    );
  }
  if (Date.parse(certificate.validTo) > Date.now()) return;
  throw new Failure(`image ${image.name}: the certificate ${pair.certificate} has expired (${certificate.validTo})`, {
    origin: image.origin(names.certificate),
    remedy: `${GENKEY} -f   (machines that trust the old one must be told of it)`,
  });
}

function readKey(image: Image, setting: keyof Config, path: string): KeyObject {
  const text = readInput(image, setting, path);
  const origin = image.origin(setting);
  if (/^(?:-----BEGIN ENCRYPTED|Proc-Type:.*ENCRYPTED)/m.test(text.toString("latin1"))) {
    throw new Failure(
      `image ${image.name}: the private key ${path} is protected by a passphrase, which nobody could type`,
      {
        origin,
        remedy: "take it off (openssl pkey -in KEY -out NEW), or keep the key in a token",
      },
    );
  }
  return checkKind(
    image,
    setting,
    path,
    parsed(image, setting, { path, text, kind: "a private key" }, createPrivateKey),
  );
}

/** What the programs sign with takes a digest that is made before, which these kinds do without. */
function checkKind(image: Image, setting: keyof Config, path: string, key: KeyObject): KeyObject {
  const kind = key.asymmetricKeyType ?? "";
  if (!/^(?:ed|x)\d+$/.test(kind)) return key;
  throw new Failure(
    `image ${image.name}: ${path} is a key for ${kind}, by which no boot program or hash can be signed`,
    {
      origin: image.origin(setting),
      remedy: `take one for RSA: ${GENKEY}`,
    },
  );
}

function readCertificate(image: Image, setting: keyof Config, path: string): X509Certificate {
  const text = readInput(image, setting, path);
  return parsed(image, setting, { path, text, kind: "an X.509 certificate" }, (pem) => new X509Certificate(pem));
}

interface Input {
  readonly path: string;
  readonly text: Buffer;
  readonly kind: "a private key" | "an X.509 certificate";
}

/** Node reads certificates in DER as well; the programs that sign do not. */
function parsed<T>(image: Image, setting: keyof Config, { path, text, kind }: Input, parse: (pem: Buffer) => T): T {
  const isPem = text.includes("-----BEGIN ");
  try {
    if (isPem) return parse(text);
  } catch (cause) {
    throw notOne(cause);
  }
  throw notOne(undefined);

  function notOne(cause: unknown): Failure {
    const program = kind === "a private key" ? "pkey" : "x509";
    // DER begins with a sequence.
    const isDer = !isPem && text[0] === 0x30;
    return new Failure(`image ${image.name}: ${path} is not ${kind} in PEM`, {
      origin: image.origin(setting),
      remedy: isDer ? `if it is one in DER: openssl ${program} -inform DER -in ${path} -out NEW, and name NEW` : GENKEY,
      cause,
    });
  }
}

function readInput(image: Image, setting: keyof Config, path: string): Buffer {
  try {
    const problem = fileProblem(path);
    if (problem === undefined) return readFileSync(path);
    throw refuse(problem, problem.startsWith("does") ? `${GENKEY}   (or name another file)` : "name a file");
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const isClosed = code === "EACCES" || code === "EPERM";
    throw refuse(
      isClosed ? "you may not read it" : message,
      isClosed ? "give yourself access to it, or build as the user who has" : "name another file",
      cause,
    );
  }

  function refuse(problem: string, remedy: string, cause?: unknown): Failure {
    return new Failure(`image ${image.name}: ${settings[setting].name}=${path}: ${problem}`, {
      origin: image.origin(setting),
      remedy,
      cause,
    });
  }
}
