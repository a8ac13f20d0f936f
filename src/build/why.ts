// Which steps of an image would run, and what has changed since they ran last. It finds this out as a build does: by the
// traces of earlier builds.

import { formatOrigin } from "../report/failure.ts";
import { type Config, settings } from "../settings/index.ts";
import type { Setting } from "../settings/setting.ts";
import { baseKeys } from "./base-trees.ts";
import type { ImageBuild } from "./image-build.ts";
import { layersThere, type Step, stackBelow, stackOf, stepsOf } from "./pipeline.ts";
import { type DerivedUse, derivedUses } from "./store/derived-files.ts";
import { hostPaths, type Inputs } from "./store/fingerprints.ts";
import { type OutputPlace, PACKING } from "./store/kept-outputs.ts";
import type { Store } from "./store/store.ts";
import type { Position } from "./store/traces.ts";
import { changesSince, madeAgain } from "./why-changes.ts";
import { shown } from "./why-values.ts";

export interface StepVerdict {
  readonly image: string;
  readonly step: string;
  /**
   * `kept`: it would not run. `changed`: it would, as `changes` say. `gone`: as what it had made was removed. `above`: as
   * it lies on one that does. `new`: it had nothing to do before. `nothing kept`: as nothing of the image is there. `other start`: the same, but the image was
   * built before, by another version or with another CacheKey=.
   */
  readonly verdict:
    | "kept"
    | "changed"
    | "gone"
    | "always"
    | "new"
    | "never built"
    | "nothing kept"
    | "other start"
    | "above"
    | "output touched";
  readonly changes: readonly string[];
  /** The files that it has made from others; of a step that would run, as far as that is known before it does. */
  readonly derived: readonly DerivedVerdict[];
}

/** `kept`: with its step. `changed`: it would be made again. `open`: it depends on what the step finds in the tree. */
export interface DerivedVerdict {
  readonly what: string;
  readonly file: string;
  readonly verdict: "kept" | "changed" | "open";
  readonly changes: readonly string[];
}

type Reason = Pick<StepVerdict, "verdict" | "changes">;

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
  const place = { directory, image: build.image.name };
  const tree = await layersThere(build, inputs, store.layers);
  const steps = stepsOf(build);
  const next = steps[tree.steps];
  const below = (next === undefined ? stackOf(tree) : stackBelow(tree, next)).at(-1)?.key ?? inputs.start;
  const output = next === undefined ? await store.outputs.find(place, stackOf(tree), inputs) : undefined;
  const isBased = (await baseKeys(build, inputs)) !== undefined;
  const why = async (step: string, index: number): Promise<Reason> => {
    if (index < tree.steps || output !== undefined) return { verdict: "kept", changes: [] };
    if (index > tree.steps) return { verdict: "above", changes: [] };
    if (!isBased)
      return {
        verdict: "changed",
        changes: [madeAgain("baseTrees")],
      };
    if (next?.always?.(build) === true) return { verdict: "always", changes: [] };
    if (next !== undefined && (await isNew(next, store, place)))
      return { verdict: "new", changes: whatIsNew(build, next) };
    return await reasonFor(build, inputs, store, { place, position: { below, step } });
  };
  const made = await lastDerived(store, place);
  const verdicts: StepVerdict[] = [];
  for (const [index, step] of [...steps.map(({ title }) => title), PACKING].entries()) {
    const reason = await why(step, index);
    const derived: DerivedVerdict[] = [];
    for (const use of made.get(step) ?? []) derived.push(await whyDerived(use, reason.verdict, build, inputs, store));
    verdicts.push({ image: place.image, step, ...reason, derived });
  }
  return { verdicts, key: output?.key };
}

/** Whether the latest output was made without a step. */
async function isNew({ title }: Step, { outputs, aboutLayer }: Store, place: OutputPlace): Promise<boolean> {
  const record = await outputs.last(place);
  const keys = [...(record?.layers ?? []), ...(record?.others ?? [])];
  return (
    keys.length > 0 &&
    keys.every((key) => aboutLayer(key) !== undefined && !stepsDownFrom(key, aboutLayer).includes(title))
  );
}

/** The steps of a layer and of those below it, also of those that a step has covered. */
function stepsDownFrom(key: string, aboutLayer: Store["aboutLayer"]): readonly string[] {
  const steps: string[] = [];
  for (let next: string | undefined = key; next !== undefined; ) {
    const about = aboutLayer(next);
    if (about !== undefined) steps.push(about.step);
    next = about?.below;
  }
  return steps;
}

function whatIsNew({ image }: ImageBuild, { setting }: Step): readonly string[] {
  if (setting === undefined) return [];
  const { name, type } = settings[setting] as Setting;
  const origin = image.origin(setting);
  const value = shown(type.json(image.config[setting]));
  return [`${name}=: ${value}${origin === undefined ? "" : ` (${formatOrigin(origin)})`}`];
}

/** Compares with the latest time that the step ran in this place, best for the same image. */
async function reasonFor(
  { image }: ImageBuild,
  inputs: Inputs,
  { traces, listings, outputs }: Store,
  { position, place }: { readonly position: Position; readonly place: OutputPlace },
): Promise<Reason> {
  const all = await traces.all(position);
  const last = all.find((trace) => trace.image === image.name) ?? all[0];
  if (last === undefined) {
    if (position.below !== inputs.start) return { verdict: "never built", changes: [] };
    return { verdict: (await outputs.last(place)) === undefined ? "nothing kept" : "other start", changes: [] };
  }
  if ((await traces.find(position, inputs)) !== undefined)
    return { verdict: position.step === PACKING ? "output touched" : "gone", changes: [] };
  return { verdict: "changed", changes: await changesSince(last.reads, image, inputs, listings) };
}

/** What the steps that the latest output was made by had of derived files, by their titles. */
async function lastDerived(
  { outputs, layerAt, aboutLayer }: Store,
  place: OutputPlace,
): Promise<ReadonlyMap<string, readonly DerivedUse[]>> {
  const layers = (await outputs.last(place))?.layers.flatMap((key) => layerAt(key) ?? []) ?? [];
  return new Map(
    await Promise.all(
      layers.map(async ({ key, notes }) => [aboutLayer(key)?.step ?? "", await derivedUses(notes)] as const),
    ),
  );
}

/** What is known of a derived file before its step has run. */
async function whyDerived(
  { what, file, reads }: DerivedUse,
  step: StepVerdict["verdict"],
  { image }: ImageBuild,
  inputs: Inputs,
  { listings }: Store,
): Promise<DerivedVerdict> {
  if (step === "kept") return { what, file, verdict: "kept", changes: [] };
  const changes = await changesSince(reads, image, inputs, listings);
  return { what, file, verdict: changes.length > 0 ? "changed" : "open", changes };
}

/** Inputs of which nobody can tell yet what outputs are that will be made again. @param outputs paths without suffixes */
export function withoutOutputs(inputs: Inputs, { image }: ImageBuild, outputs: readonly string[]): Inputs {
  const isOutput = (path: string) =>
    outputs.some((output) => path.startsWith(output) && /^($|[./])/.test(path.slice(output.length)));
  return {
    ...inputs,
    async fingerprint(name) {
      const [kind, key] = name.split(" ");
      const paths = kind === "setting" ? hostPaths(image.config[key as keyof Config]) : [];
      return paths.some(isOutput) ? undefined : await inputs.fingerprint(name);
    },
  };
}
