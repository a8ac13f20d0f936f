// Everything that a step may depend on has a name, and a fingerprint: a text that changes when the thing does. Settings
// that name files of the host count with the files' contents.

import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { hostCpu } from "../../boot/cpu.ts";
import { loadedModules } from "../../boot/module-filter.ts";
import { buildDirectoryOf } from "../../config/build-directory.ts";
import { expandKey } from "../../config/json.ts";
import { redact } from "../../report/redact.ts";
import { sandboxTree } from "../../sandbox/spec.ts";
import { type Config, settings } from "../../settings/index.ts";
import type { Setting } from "../../settings/setting.ts";
import { test } from "../../settings/test.ts";
import { isPackageFile } from "../../settings/types/package.ts";
import { keyState } from "../../signing/openpgp.ts";
import { contentDigest, type DigestOptions, digestListing, listTree } from "../../tools/digest.ts";
import type { ImageBuild } from "../image-build.ts";
import { attributesOf } from "./attributes.ts";
import type { ContentDigests } from "./content-digests.ts";
import { digestText, keyOf } from "./key.ts";
import type { Entries, Listings } from "./listings.ts";
import { programKey } from "./program.ts";
import { toolboxState } from "./toolbox-state.ts";

/** `setting packages`, `toolbox`, `base /path/of/a/tree`, `image default-initrd`, … */
export type InputName = string;

/** Fingerprints by name, as they were when a step read them. */
export type Reads = Readonly<Record<InputName, string>>;

/** The fingerprints of one image's inputs. */
export interface Inputs {
  /** The key that the image's first layer lies on. */
  readonly start: string;
  /** Undefined while it cannot be told: the output of an image that is not there yet. */
  fingerprint(name: InputName): Promise<string | undefined>;
  /** The same, as it is at this moment. */
  look(name: InputName): Promise<string | undefined>;
  /** The listing of a tree by the digest that stands for it in a fingerprint. */
  listing(digest: string): Entries | undefined;
  /** Keeps the listings of all trees in the fingerprints, for `mkosi why`. */
  keep(reads: Reads): Promise<void>;
  /** Tells the fingerprint of what has come to be while the image is built. */
  tell(name: InputName, fingerprint: string): void;
  /** Forgets everything, as it may have changed: sources by sync scripts, repositories as they were brought up to date. */
  forget(): void;
}

/** What a build with these settings makes is the same whatever they are: places, how things are had, how it is tested. */
export const IMMATERIAL: ReadonlySet<keyof Config> = new Set([
  ...(["outputDirectory", "workspaceDirectory", "cacheDirectory", "packageCacheDirectory", "buildDirectory"] as const),
  ...(["incremental", "cacheKey", "cacheOnly", "cacheSize", "history", "proxyUrl", "proxyExclude"] as const),
  ...(["proxyPeerCertificate", "proxyClientCertificate", "proxyClientKey"] as const),
  ...(Object.keys(test) as (keyof typeof test)[]),
] satisfies (keyof Config)[]);

export interface InputOptions {
  /** The key of another image's output, if it is there. */
  outputKey(image: string): string | undefined;
  /** Remembers digests of files. */
  readonly digests?: ContentDigests | undefined;
  /** Remembers listings of trees. */
  readonly listings?: Listings | undefined;
}

/** What looking at things leaves. */
interface Looks {
  readonly digests: ContentDigests | undefined;
  /** By their digests. */
  readonly trees: Map<string, Entries>;
}

/** Looks each thing up once, when it is asked for first. */
export function inputsOf(build: ImageBuild, options: InputOptions): Inputs {
  const { outputKey, digests, listings } = options;
  const looks: Looks = { digests, trees: new Map() };
  const lookAt = async (name: InputName) => {
    const [kind = "", ...rest] = name.split(" ");
    const what = rest.join(" ");
    const fingerprint = await look(build, kind, what, looks);
    return name === SOURCES ? withOutputs(fingerprint, build.outputsInSources, outputKey) : fingerprint;
  };
  const known = new Map<InputName, Promise<string | undefined>>();
  const { image } = build;
  // The default CacheKey= has names in it by which images that share layers differ; one that is set keeps them apart.
  const cacheKey = image.origin("cacheKey") === undefined ? "" : expandKey(image.config.cacheKey, image);
  return {
    start: keyOf([programKey(), cacheKey]),
    fingerprint(name) {
      // Outputs come to be while the build runs.
      if (name.startsWith("image ")) return Promise.resolve(outputKey(name.slice("image ".length)));
      const maker = name.startsWith("base ") ? build.makerOf(name.slice("base ".length)) : undefined;
      if (maker !== undefined) return Promise.resolve(outputKey(maker));
      const found = known.get(name) ?? lookAt(name);
      known.set(name, found);
      return found;
    },
    look: lookAt,
    listing: (digest) => looks.trees.get(digest),
    async keep(reads) {
      for (const [digest, entries] of looks.trees)
        if (Object.values(reads).some((fingerprint) => fingerprint.includes(digest)))
          await listings?.keep(digest, entries);
    },
    tell: (name, fingerprint) => known.set(name, Promise.resolve(fingerprint)),
    forget: () => known.clear(),
  };
}

const SOURCES = "setting buildSources" satisfies `setting ${keyof Config}`;

/** What other images have put among the sources has no digest, but keys. Undefined while one of them cannot be told. */
function withOutputs(
  fingerprint: string,
  outputs: ReadonlyMap<string, string>,
  outputKey: InputOptions["outputKey"],
): string | undefined {
  const keys = [...outputs].map(([path, name]) => [path, outputKey(name)] as const);
  if (keys.some(([, key]) => key === undefined)) return undefined;
  return keys.length === 0 ? fingerprint : JSON.stringify([...(JSON.parse(fingerprint) as unknown[]), ...keys]);
}

async function look(build: ImageBuild, kind: string, what: string, looks: Looks): Promise<string> {
  switch (kind) {
    case "setting":
      return await settingFingerprint(what as keyof Config, build, looks);
    case "base":
      return await treeDigest(build, what, { owners: true, times: true }, looks);
    case "toolbox":
      return await toolboxState(sandboxTree(build.toolbox)?.beneath ?? build.toolbox, build.notSources);
    case "packages":
      return await build.packageManager.state(build);
    case "settings":
      return digestText(materialSettings(build.settingsJson));
    case "arguments":
      return JSON.stringify(build.scripts.arguments);
    case "surroundings":
      return JSON.stringify({ image: build.image.name, debug: build.scripts.debug });
    case "builddir":
      return await buildDirectoryDigest(build, looks);
    case "artifacts":
    case "built":
      return "";
    case "build":
      return buildFingerprint(build, what, looks);
    default:
      throw new Error(`nobody knows the input ${kind}`);
  }
}

/** What build scripts have left for later builds. Those of other images may be changing it: then nobody knows what it was. */
async function buildDirectoryDigest(build: ImageBuild, looks: Looks): Promise<string> {
  const directory = buildDirectoryOf(build.image);
  if (directory === undefined) return "";
  return await treeDigest(build, directory, { owners: true }, looks).catch(() => randomUUID());
}

function buildFingerprint(build: ImageBuild, what: string, { digests }: Looks): string {
  const value = build[what as "packages" | "basePackages" | "buildPackages" | "volatilePackages" | "repositories"];
  if (!what.toLowerCase().endsWith("packages")) return JSON.stringify(value);
  // Where a package was asked for is no part of what is installed; where it is a file, its content is.
  return JSON.stringify(
    value.map(
      (entry) => "spec" in entry && (isPackageFile(entry.spec) ? withContent(entry.spec, digests) : entry.spec),
    ),
  );
}

function withContent(path: string, digests: ContentDigests | undefined): string {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status?.isFile() !== true) return `${path} missing`;
  return `${path} ${digests?.digest(path, status) ?? contentDigest(path)}`;
}

/** The settings as scripts see them, without those that do not count. */
function materialSettings(json: string): string {
  const names = new Set([...IMMATERIAL].map((key) => settings[key].name));
  return JSON.stringify(JSON.parse(json), (name, value: unknown) => (names.has(name) ? undefined : value));
}

async function settingFingerprint(key: keyof Config, build: ImageBuild, looks: Looks): Promise<string> {
  const { type, pickupSecret } = settings[key] as Setting;
  const value: unknown = build.image.config[key];
  const text = JSON.stringify(value === null ? null : type.json(value)) ?? "";
  // Tools see a copy of them, made at the start of the build, not what has come to be there since.
  if (key === "sandboxTrees") {
    const tree = sandboxTree(build.toolbox);
    return JSON.stringify([text, ...(tree ? [["", await treeDigest(build, tree.directory, {}, looks)]] : [])]);
  }
  const paths = type.completion.kind === "path" || type.completion.kind === "directory" ? hostPaths(value) : [];
  // What lies there is that of an earlier build: this one's is an input of its own.
  const files = key === "initrds" ? paths.filter((path) => !build.defaultInitrd.includes(path)) : paths;
  // Scripts see whose they are, and can copy that.
  const sources = { sources: true, owners: true, without: build.notSources };
  // All of them at once, before the step goes on: what it reads later is then as it was here, or has changed.
  const contents = await Promise.all(
    files.map(async (path) => [path, await treeDigest(build, path, key === "buildSources" ? sources : {}, looks)]),
  );
  if (HOST_MODULES.has(key) && (value === true || (Array.isArray(value) && value.includes("host"))))
    contents.push(["/proc/modules", digestText(loadedModules().toSorted().join())]);
  if (key === "microcodeHost" && value === true) contents.push(["/proc/cpuinfo", JSON.stringify(hostCpu() ?? null)]);
  if (key === "key") contents.push(["", keyState(build.image)]);
  // A PIN may be a part of a key's name.
  const isSecret = pickupSecret === true || redact(text) !== text;
  return JSON.stringify([isSecret ? JSON.stringify({ [SECRET]: digestText(text) }) : text, ...contents]);
}

/** The name by which a digest stands for a value that nobody is to see. */
export const SECRET = "hidden";

/** Settings that may stand for the modules that this machine has loaded. */
const HOST_MODULES: ReadonlySet<keyof Config> = new Set([
  ...(["kernelModules", "kernelInitrdModules", "kernelModulesIncludeHost", "kernelModulesInitrdIncludeHost"] as const),
]);

/** The digest of a file or tree with its extended attributes. The listing is made before anything is waited for. */
async function treeDigest(
  build: ImageBuild,
  path: string,
  options: DigestOptions,
  { digests, trees }: Looks,
): Promise<string> {
  const listing = listTree(path, {
    ...options,
    ...(digests === undefined ? {} : { contentDigest: digests.digest }),
  });
  const look = () => attributesOf(build, path, listing);
  const attributes = await (digests?.attributes(path, listing, look) ?? look());
  for (const [name, value] of Object.entries(attributes))
    listing.entries.set(name, `${listing.entries.get(name) ?? ""}\t${value}`);
  const digest = digestListing(listing);
  trees.set(digest, listing.entries);
  return digest;
}

/** The absolute paths in a value: of a path, a list of paths, or trees with sources. */
export function hostPaths(value: unknown): readonly string[] {
  if (typeof value === "string") return value.startsWith("/") ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(hostPaths);
  const isTree = typeof value === "object" && value !== null && "source" in value;
  return isTree ? hostPaths(value.source) : [];
}
