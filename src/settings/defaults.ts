// Defaults that are computed from other settings, the environment and the machine.

import { existsSync } from "node:fs";
import { basename } from "node:path";
import { DEFAULT_RELEASES } from "../facts/default-releases.ts";
import { DISTRIBUTIONS, type DistributionName } from "../facts/distributions.ts";
import { identifySystem, type SystemIdentity } from "../facts/host.ts";
import { isKernelPackage } from "../facts/kernel-packages.ts";
import { readOsRelease } from "../formats/os-release.ts";
import { detectHost } from "./host.ts";
import type { DefaultContext } from "./setting.ts";
import type { Compression } from "./types/artifacts.ts";
import { parseTimestamp } from "./types/number.ts";
import type { Tree } from "./types/tree.ts";
import { randomUuid } from "./types/uuid.ts";
import { ValueError } from "./types/value.ts";

/** Where variables come from. */
type Variables = Pick<DefaultContext, "environment" | "get">;

/** What was found for an environment, which all images of a project share. */
const hosts = new WeakMap<DefaultContext["environment"], SystemIdentity>();

function host({ environment }: DefaultContext): SystemIdentity {
  const found = hosts.get(environment) ?? detectHost("/", environment);
  hosts.set(environment, found);
  return found;
}

export function defaultDistribution(context: DefaultContext): DistributionName {
  return host(context).distribution ?? "custom";
}

export function defaultRelease(context: DefaultContext): string {
  const distribution = context.get("distribution") as DistributionName;
  const found = host(context);
  if (found.distribution === distribution && found.release) return found.release;
  return DEFAULT_RELEASES[distribution];
}

export function defaultToolsDistribution(context: DefaultContext): DistributionName {
  const { distribution } = host(context);
  return distribution === undefined ? "custom" : DISTRIBUTIONS[distribution].toolsTree;
}

export function defaultToolsRelease(context: DefaultContext): string {
  return DEFAULT_RELEASES[context.get("toolsTreeDistribution") as DistributionName];
}

/** The image's own mirror or snapshot serves the tools tree as well when both are of one distribution. */
export function sameDistribution(context: DefaultContext, key: "mirror" | "snapshot"): string | null {
  const value = context.get(key) as string | null;
  if (!value) return null;
  return context.get("distribution") === context.get("toolsTreeDistribution") ? value : null;
}

/** Ubuntu's keyring packages lack the keys of other families, so that they are fetched there. */
export function fetchesKeys(context: DefaultContext): boolean {
  const type = DISTRIBUTIONS[context.get("distribution") as DistributionName].packageType;
  const foreign = type === "rpm" || type === "pkg" || type === "apk";
  const tree = context.get("toolsTree") as string | null;
  if (tree === "default" || tree === "yes") return foreign && context.get("toolsTreeDistribution") === "ubuntu";
  const fields = readOsRelease(tree ?? "/");
  if (fields?.get("ID") === "nixos") return true;
  return foreign && fields !== undefined && identifySystem(fields).distribution === "ubuntu";
}

export function defaultOutput(context: DefaultContext): string {
  const name = context.image === "main" ? ((context.get("imageId") as string | null) ?? "image") : context.image;
  const version = context.get("imageVersion") as string | null;
  return version ? `${name}_${version}` : name;
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  confext: "raw",
  cpio: "cpio",
  disk: "raw",
  esp: "raw",
  portable: "raw",
  sysext: "raw",
  tar: "tar",
  uki: "efi",
  addon: "efi",
};

export function defaultExtension(context: DefaultContext): string {
  return EXTENSIONS[context.get("format") as string] ?? "";
}

export function defaultCompression(context: DefaultContext): Compression {
  const format = context.get("format") as string;
  if (["tar", "cpio", "uki", "esp", "addon"].includes(format)) return "zstd";
  return format === "oci" ? "gz" : "none";
}

/** An image with a kernel gets the default initrd. */
export function defaultInitrds(context: DefaultContext): readonly string[] {
  const format = context.get("format") as string;
  const bootable = context.get("bootable") as string;
  if (format === "uki" || format === "esp" || bootable === "disabled") return [];
  if (bootable === "enabled") return ["default"];
  const unbootable = ["cpio", "directory", "sysext", "confext", "addon", "portable"];
  if (unbootable.includes(format) || (context.get("overlay") as boolean)) return [];
  const distribution = context.get("distribution") as DistributionName;
  const packages = [...(context.get("packages") as string[]), ...(context.get("volatilePackages") as string[])];
  return packages.some((name) => isKernelPackage(distribution, name)) ? ["default"] : [];
}

/** The first of the variables that is set, by Environment= or in our own environment. */
function firstVariable(context: Variables, names: readonly string[]): string | undefined {
  for (const environment of [context.get("environment") as DefaultContext["environment"], context.environment]) {
    const name = Object.keys(environment).find((key) => names.includes(key));
    if (name !== undefined) return environment[name];
  }
  return undefined;
}

export function epochOfEnvironment(context: DefaultContext): number | null {
  const text = epochText(context);
  try {
    return text === "" ? null : parseTimestamp(text);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return null;
  }
}

/** $SOURCE_DATE_EPOCH of Environment= or else of the environment; empty when there is none. */
export function epochText(context: Variables): string {
  return firstVariable(context, ["SOURCE_DATE_EPOCH"]) ?? "";
}

export function proxyOfEnvironment(context: DefaultContext): string | null {
  return firstVariable(context, ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"]) ?? null;
}

/** Null when the environment says nothing, which is not the same as a list without elements. */
export function proxyExceptions(context: DefaultContext): readonly string[] | null {
  return firstVariable(context, ["no_proxy", "NO_PROXY"])?.split(",") ?? null;
}

export function systemCertificates(): string | null {
  const places = ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"];
  return places.find((path) => existsSync(path)) ?? null;
}

export function projectAsSource(context: DefaultContext): readonly Tree[] {
  return context.directory === undefined ? [] : [{ source: context.directory, target: null }];
}

export function defaultMachine(context: DefaultContext): string | null {
  return context.directory === undefined ? null : basename(context.directory);
}

/** Root has all users anyway; an unprivileged user shares three ranges of its own. */
export function defaultRanges(): number {
  return process.getuid?.() === 0 && process.getgid?.() === 0 ? 0 : 3;
}

let seed: string | undefined;

/** One random UUID for all images of a run. */
export function randomSeed(): string {
  seed ??= randomUuid();
  return seed;
}
