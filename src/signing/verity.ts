// Verity=: what systemd-repart(8) is told about signatures of root hashes, and where images look for certificates that
// vouch for those of others.

import { chmod, copyFile, mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Config } from "../settings/index.ts";
import type { ImageContext, TreeContext } from "../tools/context.ts";
import { pathInside } from "../tools/inside.ts";
import type { RepartOptions, RepartPartition } from "../tools/repart.ts";
import { keyPair, systemdKeyOptions } from "./keys.ts";

/** What the partitions of an extension image are. */
export type VerityParts = "none" | "hash" | "signature";

/** Which partitions Verity= asks for besides the one with the data. */
export function wantedVerity(config: Config): VerityParts {
  const { verity } = config;
  if (verity === "disabled" || (verity === "auto" && keyPair(config, "verity") === undefined)) return "none";
  return verity === "hash" ? "hash" : "signature";
}

/** Whether root hashes are signed here and now. */
export function signsVerity(config: Config): boolean {
  const { verity } = config;
  return (verity === "auto" || verity === "signed") && keyPair(config, "verity") !== undefined;
}

/** What systemd-repart is told: how to sign, or which partitions are left empty or out. */
export function verityOptions({
  image: { config },
}: ImageContext): Pick<RepartOptions, "signing" | "exclude" | "defer"> {
  const types = ["root", "usr"].map((name) => `${name}-${config.architecture}-verity-sig`);
  const pair = signsVerity(config) ? keyPair(config, "verity") : undefined;
  return {
    ...(pair === undefined ? {} : { signing: systemdKeyOptions(pair) }),
    ...(config.verity === "hash" ? { exclude: types } : {}),
    ...(config.verity === "defer" ? { defer: types } : {}),
  };
}

/** Whether one of the partitions has a signature. */
export function hasSignature(partitions: readonly RepartPartition[]): boolean {
  return partitions.some(({ type }) => /^(?:root|usr)-.*verity-sig$/.test(type));
}

/** The hash that vouches for the root file system, or else for /usr, and the kernel's option for it. */
export function rootHash(
  partitions: readonly { readonly type: string; readonly roothash?: string }[],
): { readonly option: "roothash" | "usrhash"; readonly hash: string } | undefined {
  for (const [prefix, option] of [
    ["root", "roothash"],
    ["usr", "usrhash"],
  ] as const) {
    const hash = partitions.find(({ type, roothash }) => type.startsWith(prefix) && roothash !== undefined)?.roothash;
    if (hash !== undefined) return { option, hash };
  }
  return undefined;
}

/** Where a system looks for certificates of signers of disk images, see systemd.image-policy(7) and veritysetup(8). */
export const VERITY_CERTIFICATES = "usr/lib/verity.d";

/** Puts VerityCertificate= into the tree, so that the system there believes what is signed with its key. */
export async function installVerityCertificate({ image: { config }, root }: TreeContext): Promise<void> {
  const { verityCertificate: certificate, verityCertificateSource: source } = config;
  if (certificate === null || source.type !== "file") return;
  await mkdir(pathInside(root, VERITY_CERTIFICATES), { recursive: true, mode: 0o755 });
  const name = `${basename(certificate).replace(/(.)\.[^.]*$/, "$1")}.crt`;
  const target = pathInside(root, join(VERITY_CERTIFICATES, name));
  await copyFile(certificate, target);
  await chmod(target, 0o644);
}
