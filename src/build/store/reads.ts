// Watches what a step reads. A step that was watched needs no list of its inputs that somebody has to keep right: what
// it did not look at cannot have changed its result.

import type { PackageManager } from "../../package-managers/manager.ts";
import type { Config } from "../../settings/index.ts";
import type { StepContext } from "../image-build.ts";
import type { DerivedFiles } from "./derived-files.ts";
import { IMMATERIAL, type InputName, type Inputs, type Reads } from "./fingerprints.ts";

export interface Watched {
  /** To be given to the step in place of the original. */
  readonly context: StepContext;
  /** The names of what was read so far. */
  readonly names: ReadonlySet<InputName>;
}

/** Methods whose result depends on what the repositories have. */
const SOLVING: ReadonlySet<PropertyKey> = new Set<keyof PackageManager>([
  "sync",
  "fetch",
  "bootstrap",
  "install",
  "scriptTools",
]);

export interface WatchingStore {
  readonly inputs: Inputs;
  readonly derived: DerivedFiles | undefined;
}

/**
 * A context that notes what is read of it: settings, tools, repositories, the outputs of other images. Each thing is
 * looked at before the step gets it.
 * @param store undefined where nothing is kept; without `derived`, files made from others are always made
 */
export function watched(original: StepContext, store: WatchingStore | undefined): Watched {
  const inputs = store?.inputs;
  const names = new Set<InputName>();
  const add = (name: InputName): void => {
    if (names.has(name)) return;
    names.add(name);
    // What goes wrong comes out when readsOf() asks.
    inputs?.fingerprint(name).catch(() => {});
  };
  const note = <T>(name: InputName, value: T): T => {
    add(name);
    return value;
  };
  const config = new Proxy(original.image.config, {
    get(target, key) {
      if (!IMMATERIAL.has(key as keyof Config)) add(`setting ${String(key)}`);
      return target[key as keyof Config];
    },
  });
  const packageManager = new Proxy(original.packageManager, {
    get(target, key) {
      if (SOLVING.has(key)) add("packages");
      return target[key as keyof PackageManager];
    },
  });
  const context: StepContext = {
    ...original,
    image: { ...original.image, config },
    packageManager,
    noteSettings: () => add("settings"),
    noteSurroundings: () => add("surroundings"),
    noteBuildDirectory: () => add("builddir"),
    async derive(own, file) {
      if (store?.derived === undefined) return await file.make(own);
      for (const name of await store.derived.provide(file, original, store.inputs)) add(name);
    },
    scripts: {
      ...original.scripts,
      get arguments() {
        return note("arguments", original.scripts.arguments);
      },
    },
    get earlier() {
      return note("built", original.earlier);
    },
    get artifacts() {
      return note("artifacts", original.artifacts);
    },
    outputOf: (name) => note(`image ${name}`, original.outputOf(name)),
    get distribution() {
      return note("setting distribution", original.distribution);
    },
    get toolbox() {
      add("setting sandboxTrees");
      return note("toolbox", original.toolbox);
    },
    get repositories() {
      return note("build repositories", original.repositories);
    },
    get architecture() {
      return note("build architecture", original.architecture);
    },
    get packages() {
      return note("build packages", original.packages);
    },
    get buildPackages() {
      return note("build buildPackages", original.buildPackages);
    },
    get volatilePackages() {
      return note("build volatilePackages", original.volatilePackages);
    },
    get localPackages() {
      return note("setting packageDirectories", original.localPackages);
    },
    get basePackages() {
      return note("build basePackages", original.basePackages);
    },
  };
  return { context, names };
}

/** What may change while a step reads it; the outputs of images and what scripts leave are told when they are there. */
const CHANGEABLE = /^(setting|packages|build \w*ackages)\b/;

/**
 * The fingerprints of what was read, as it was before.
 * @returns with what has changed since: nobody knows which of it the step has seen
 */
export async function readsOf(
  { names }: Watched,
  inputs: Inputs,
): Promise<{ readonly reads: Reads; readonly changed: readonly InputName[] }> {
  const entries = await Promise.all(
    [...names].toSorted().map(async (name) => [name, (await inputs.fingerprint(name)) ?? ""] as const),
  );
  const now = await Promise.all(
    entries.map(async ([name, before]) => (CHANGEABLE.test(name) && (await inputs.look(name)) !== before ? name : [])),
  );
  return { reads: Object.fromEntries(entries), changed: now.flat() };
}
