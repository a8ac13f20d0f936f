// Pairs of a private key and its certificate: which ones a configuration names, and how programs are told of them. A file
// is shown to the program that needs it and to no other; what an OpenSSL engine or provider has is asked for by its name.

import type { Mount } from "../sandbox/spec.ts";
import { bind, bindReadOnly } from "../sandbox/spec.ts";
import type { Config } from "../settings/index.ts";
import type { KeySource } from "../settings/types/special.ts";
import type { ImageContext } from "../tools/context.ts";
import type { ToolOptions } from "../tools/tool.ts";

/** What pairs are for; each has settings of its own. */
export type Purpose = "secureBoot" | "verity" | "signExpectedPcr";

export const PURPOSES: readonly Purpose[] = ["secureBoot", "verity", "signExpectedPcr"];

export interface KeyPair {
  readonly purpose: Purpose;
  /** An absolute path, or a name that the source understands. */
  readonly key: string;
  readonly keySource: KeySource;
  readonly certificate: string;
  readonly certificateSource: KeySource;
}

/** The keys of a purpose's settings. */
export function settingsOf(purpose: Purpose) {
  return {
    key: `${purpose}Key`,
    keySource: `${purpose}KeySource`,
    certificate: `${purpose}Certificate`,
    certificateSource: `${purpose}CertificateSource`,
  } as const satisfies Readonly<Record<string, keyof Config>>;
}

/** The pair that is configured for a purpose; undefined where one of the two is not. */
export function keyPair(config: Config, purpose: Purpose): KeyPair | undefined {
  const names = settingsOf(purpose);
  const [key, certificate] = [config[names.key], config[names.certificate]];
  if (key === null || certificate === null) return undefined;
  const [keySource, certificateSource] = [config[names.keySource], config[names.certificateSource]];
  return { purpose, key, keySource, certificate, certificateSource };
}

/** The same where it was made sure before that there is one. */
export function theKeyPair({ image }: ImageContext, purpose: Purpose): KeyPair {
  const pair = keyPair(image.config, purpose);
  if (pair === undefined) throw new Error(`nothing to sign with for ${purpose}`);
  return pair;
}

/** Whether the key or the certificate is somewhere else than in a file. */
export function isElsewhere({ keySource, certificateSource }: KeyPair): boolean {
  return keySource.type !== "file" || certificateSource.type !== "file";
}

/** `provider:pkcs11`. */
export function sourceText({ type, source }: KeySource): string {
  return source === "" ? type : `${type}:${source}`;
}

export interface GivenPair {
  /** As a program in the sandbox finds them. */
  readonly key: string;
  readonly certificate: string;
  readonly mounts: readonly Mount[];
  readonly devices: readonly string[];
}

/** Shows a pair to a program. */
export function givePair(pair: KeyPair): GivenPair {
  const mounts: Mount[] = [];
  const give = (value: string, name: string): string => {
    if (!value.startsWith("/")) return value;
    const target = `/signing/${pair.purpose}.${name}`;
    mounts.push(bindReadOnly(value, target));
    return target;
  };
  const [key, certificate] = [give(pair.key, "key"), give(pair.certificate, "crt")];
  if (!isElsewhere(pair)) return { key, certificate, mounts, devices: [] };
  // Smart cards are devices, and the daemons that have them listen in /run.
  return { key, certificate, mounts: [bind("/run"), ...mounts], devices: ["/dev"] };
}

/** The options by which all of systemd's programs are told of a pair. */
export function systemdKeyOptions(pair: KeyPair): ToolOptions {
  const { key, certificate, mounts, devices } = givePair(pair);
  const { keySource, certificateSource } = pair;
  return {
    argv: [
      `--private-key=${key}`,
      ...(keySource.type === "file" ? [] : [`--private-key-source=${sourceText(keySource)}`]),
      `--certificate=${certificate}`,
      ...(certificateSource.type === "file" ? [] : [`--certificate-source=${sourceText(certificateSource)}`]),
    ],
    mounts,
    devices,
  };
}
