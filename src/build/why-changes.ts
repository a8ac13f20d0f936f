// What is different in the inputs of a step, in words: settings with their places, files, lists element by element.

import type { Image } from "../config/project.ts";
import { formatOrigin } from "../report/failure.ts";
import { type Config, settings } from "../settings/index.ts";
import type { Setting } from "../settings/setting.ts";
import { type Inputs, type Reads, SECRET } from "./store/fingerprints.ts";
import { type Listings, differences as treeDifferences } from "./store/listings.ts";
import { differences } from "./why-values.ts";

/** A line for each thing that is not as it was when it was read. */
export async function changesSince(
  reads: Reads,
  image: Image,
  inputs: Inputs,
  listings: Listings,
): Promise<readonly string[]> {
  const changes: string[] = [];
  for (const [name, before] of Object.entries(reads)) {
    const after = await inputs.fingerprint(name);
    if (after === before) continue;
    const [kind = "", what = ""] = name.split(" ");
    if (kind !== "setting") changes.push(...describe(name, before, after, image));
    else if (after === undefined) changes.push(madeAgain(what as keyof Config));
    else {
      changes.push(...describeSetting(image, what as keyof Config, before, after));
      changes.push(...(await changedFiles(what as keyof Config, before, after, inputs, listings)));
    }
  }
  return [...new Set(changes)];
}

/** Of a setting that names an output which is not there yet. */
export function madeAgain(key: keyof Config): string {
  return `${settings[key].name}=: the output that it names is made again, and looked at then`;
}

/** Inputs that are no settings. */
const BUILD_FIELDS: Readonly<Record<string, string>> = {
  basePackages: "what the base system consists of",
  repositories: "repositories",
};

function describe(name: string, before: string, after: string | undefined, image: Image): readonly string[] {
  const [kind = "", what = ""] = name.split(" ");
  switch (kind) {
    case "image":
      return [`the image ${what} is built again, and looked at when it is there`];
    case "settings":
      return ["the settings, which a script reads from $MKOSI_CONFIG"];
    case "surroundings":
      return ["--debug, which scripts see"];
    case "arguments":
      return differences(before, after ?? "").map((line) => `the arguments of build scripts: ${line}`);
    case "builddir":
      return ["what is in the build directory"];
    case "built":
      return ["what the build scripts have made"];
    case "artifacts":
      return ["the initrds or the microcode that scripts have put into $ARTIFACTDIR"];
    case "toolbox":
      return ["the programs that build it were installed or updated"];
    case "packages":
      return ["the repositories' metadata is newer"];
    default:
      return differences(before, after ?? "").map((line) => `${nameOf(what)}: ${line}${placeOf(image, what, line)}`);
  }
}

function nameOf(what: string): string {
  return BUILD_FIELDS[what] ?? (what in settings ? `${settings[what as keyof Config].name}=` : what);
}

/** Where what is new was written. */
function placeOf(image: Image, what: string, line: string): string {
  if (!(what in settings) || !line.startsWith("+ ")) return "";
  const origin = image.origin(what as keyof Config, line.slice(2));
  return origin === undefined ? "" : ` (${formatOrigin(origin)})`;
}

type Fingerprint = readonly [text: string, ...files: (readonly [path: string, digest: string])[]];

function describeSetting(image: Image, key: keyof Config, before: string, after: string): readonly string[] {
  const [[oldText], [newText]] = [JSON.parse(before) as Fingerprint, JSON.parse(after) as Fingerprint];
  if (oldText === newText) return [];
  const origin = image.origin(key);
  const place = origin === undefined ? "" : ` (${formatOrigin(origin)})`;
  const row: Setting = settings[key];
  const isSecret = [oldText, newText].some((text) => text.startsWith(`{"${SECRET}":`));
  const lines = isSecret ? ["has changed"] : differences(oldText, newText);
  return lines.map((line) => `${row.name}=: ${line}${place}`);
}

/** How many files of one tree are told. */
const MANY = 10;

/** What is different in the files that a setting names. */
async function changedFiles(
  key: keyof Config,
  before: string,
  after: string,
  inputs: Inputs,
  listings: Listings,
): Promise<readonly string[]> {
  const [, ...oldFiles] = JSON.parse(before) as Fingerprint;
  const [, ...newFiles] = JSON.parse(after) as Fingerprint;
  const now = new Map(newFiles);
  const lines: string[] = [];
  for (const [path, digest] of oldFiles) {
    const digestNow = now.get(path);
    if (digestNow === undefined || digestNow === digest) continue;
    const [old, listing] = [await listings.read(digest), inputs.listing(digestNow)];
    const found = old && listing ? treeDifferences(old, listing, path) : [`the content of ${path} is another`];
    lines.push(...found.slice(0, MANY).map((line) => `${settings[key].name}=: ${line}`));
    if (found.length > MANY) lines.push(`${settings[key].name}=: and ${found.length - MANY} more in ${path}`);
  }
  return lines;
}
