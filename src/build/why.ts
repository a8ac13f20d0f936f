// Which steps of an image would run, and what has changed since they ran last. It finds this out as a build does: by the
// traces of earlier builds.

import type { Image } from "../config/project.ts";
import { formatOrigin } from "../report/failure.ts";
import { type Config, settings } from "../settings/index.ts";
import type { ImageBuild } from "./image-build.ts";
import { layersThere, stackBelow, stackOf, stepsOf } from "./pipeline.ts";
import type { Inputs, Reads } from "./store/fingerprints.ts";
import { PACKING } from "./store/kept-outputs.ts";
import { differences, type Listings } from "./store/listings.ts";
import type { Store } from "./store/store.ts";

/** `kept`: it would not run. `changed`: it would, as `changes` say. `above`: it would, as it lies on one that does. */
export interface StepVerdict {
  readonly image: string;
  readonly step: string;
  readonly verdict: "kept" | "changed" | "always" | "never built" | "above" | "output touched";
  readonly changes: readonly string[];
}

/**
 * The verdicts on all steps of an image and on its packing.
 * @returns with the key of its output, if that would stay as it is
 */
export async function whyImage(
  build: ImageBuild,
  inputs: Inputs,
  store: Store,
  directory: string,
): Promise<{ readonly verdicts: readonly StepVerdict[]; readonly key: string | undefined }> {
  const image = build.image.name;
  const tree = await layersThere(build, inputs, store.layers);
  const stack = stackOf(tree);
  const titles = stepsOf(build).map(({ title }) => title);
  const next = stepsOf(build)[tree.steps];
  const below = (next === undefined ? stack : stackBelow(tree, next)).at(-1)?.key ?? inputs.start;
  const verdicts: StepVerdict[] = [...titles, PACKING].map((step, index) => {
    const verdict = index < tree.steps ? "kept" : "above";
    return { image, step, verdict, changes: [] };
  });
  if (next !== undefined) {
    const reason =
      next.always?.(build) === true
        ? { verdict: "always" as const, changes: [] }
        : await reasonFor(build, inputs, store, { below, step: next.title });
    verdicts[tree.steps] = { image, step: next.title, ...reason };
    return { verdicts, key: undefined };
  }
  const output = await store.outputs.find({ directory, image }, stack, inputs);
  const reason =
    output === undefined
      ? await reasonFor(build, inputs, store, { below, step: PACKING })
      : { verdict: "kept" as const, changes: [] };
  verdicts[titles.length] = { image, step: PACKING, ...reason };
  return { verdicts, key: output?.key };
}

/** Compares with the latest time that the step ran in this place, best for the same image. */
async function reasonFor(
  { image }: ImageBuild,
  inputs: Inputs,
  { traces, listings }: Store,
  position: { readonly below: string; readonly step: string },
): Promise<Pick<StepVerdict, "verdict" | "changes">> {
  const all = await traces.all(position);
  const last = all.find((trace) => trace.image === image.name) ?? all[0];
  if (last === undefined) return { verdict: "never built", changes: [] };
  const changes: string[] = [];
  for (const [name, before] of Object.entries(last.reads) satisfies [string, Reads[string]][]) {
    const after = await inputs.fingerprint(name);
    if (after === before) continue;
    changes.push(...describe(image, name, before, after));
    const [kind = "", what = ""] = name.split(" ");
    if (kind === "setting")
      changes.push(...(await changedFiles(what as keyof Config, before, after, inputs, listings)));
  }
  if (changes.length > 0) return { verdict: "changed", changes };
  // Its layer, or what was published, is not there as it was left.
  return position.step === PACKING ? { verdict: "output touched", changes } : { verdict: "never built", changes };
}

function describe(image: Image, name: string, before: string, after: string | undefined): readonly string[] {
  const [kind = "", what = ""] = name.split(" ");
  switch (kind) {
    case "setting":
      return describeSetting(image, what as keyof Config, before, after ?? "[]");
    case "image":
      return [`the image ${what} is built again`];
    case "settings":
      return ["the settings, which a script reads from $MKOSI_CONFIG"];
    case "surroundings":
      return ["--debug, which scripts see"];
    case "arguments":
      return [`the arguments of build scripts: ${difference(before, after ?? "")}`];
    case "built":
      return ["what the build scripts have made"];
    case "toolbox":
      return ["the programs that build it were installed or updated"];
    case "packages":
      return ["the repositories' metadata is newer"];
    default:
      return [`${what}: ${difference(before, after ?? "")}`];
  }
}

type Fingerprint = readonly [text: string, ...files: (readonly [path: string, digest: string])[]];

function describeSetting(image: Image, key: keyof Config, before: string, after: string): readonly string[] {
  const [[oldText], [newText]] = [JSON.parse(before) as Fingerprint, JSON.parse(after) as Fingerprint];
  if (oldText === newText) return [];
  const origin = image.origin(key);
  const place = origin === undefined ? "" : ` (${formatOrigin(origin)})`;
  return [`${settings[key].name}=: ${difference(oldText, newText)}${place}`];
}

/** How many files of one tree are told. */
const MANY = 10;

/** What is different in the files that a setting names. */
async function changedFiles(
  key: keyof Config,
  before: string,
  after: string | undefined,
  inputs: Inputs,
  listings: Listings,
): Promise<readonly string[]> {
  const [, ...oldFiles] = JSON.parse(before) as Fingerprint;
  const [, ...newFiles] = JSON.parse(after ?? "[]") as Fingerprint;
  const now = new Map(newFiles);
  const lines: string[] = [];
  for (const [path, digest] of oldFiles) {
    const digestNow = now.get(path);
    if (digestNow === undefined || digestNow === digest) continue;
    const [old, listing] = [await listings.read(digest), inputs.listing(digestNow)];
    const found = old && listing ? differences(old, listing, path) : [`the content of ${path} is another`];
    lines.push(...found.slice(0, MANY).map((line) => `${settings[key].name}=: ${line}`));
    if (found.length > MANY) lines.push(`${settings[key].name}=: and ${found.length - MANY} more in ${path}`);
  }
  return lines;
}

/** What of two JSON texts differs: of lists the elements. */
function difference(before: string, after: string): string {
  const [left, right] = [before, after].map((text) => JSON.parse(text === "" ? "null" : text) as unknown);
  if (!Array.isArray(left) || !Array.isArray(right)) return `was ${before}, is ${after}`;
  const texts = (list: readonly unknown[]) => list.map((element) => JSON.stringify(element));
  const [old, now] = [texts(left), texts(right)];
  const gone = old.filter((element) => !now.includes(element)).map((element) => `− ${element}`);
  const added = now.filter((element) => !old.includes(element)).map((element) => `+ ${element}`);
  return [...gone, ...added].join(", ") || "another order";
}
