// The order in which images are built: what an image depends on comes first.

/** What the order needs to know of an image. */
export interface Dependent {
  readonly name: string;
  readonly dependencies: readonly string[];
}

/** `by` depends on `name`, which does not exist; undefined: the main image does. */
export interface MissingImage {
  readonly name: string;
  readonly by: string | undefined;
}

export type OrderResult<Node> =
  | { readonly kind: "ordered"; readonly images: readonly Node[] }
  /** At least one. */
  | { readonly kind: "missing"; readonly missing: readonly MissingImage[] }
  /** Each depends on the one after it; the first is named again at the end. */
  | { readonly kind: "cycle"; readonly names: readonly string[] };

/** Picks the images that are wanted or needed by those, in build order; among independent ones the given order stays. */
export function buildOrder<Node extends Dependent>(
  images: readonly Node[],
  wanted: readonly string[],
): OrderResult<Node> {
  const byName = new Map(images.map((image) => [image.name, image]));
  const needed = new Set<string>();
  const missing: MissingImage[] = [];
  const queue: MissingImage[] = wanted.map((name) => ({ name, by: undefined }));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { name } = next;
    if (needed.has(name)) continue;
    needed.add(name);
    const image = byName.get(name);
    if (image === undefined) missing.push(next);
    else queue.push(...image.dependencies.map((dependency) => ({ name: dependency, by: name })));
  }
  if (missing.length > 0) return { kind: "missing", missing };
  const kept = images.filter((image) => needed.has(image.name));
  const order = sortByWaves(kept);
  if (order === undefined) return { kind: "cycle", names: findCycle(kept) };
  return { kind: "ordered", images: order };
}

/** Wave by wave: first what needs nothing, then what needs only that, and so on. */
function sortByWaves<Node extends Dependent>(images: readonly Node[]): readonly Node[] | undefined {
  // Nodes in the order in which they are first mentioned, as an image or as a dependency.
  const mentioned = [...new Set(images.flatMap((image) => [image.name, ...image.dependencies]))];
  const missing = new Map(mentioned.map((name) => [name, 0]));
  const followers = new Map<string, string[]>(mentioned.map((name) => [name, []]));
  for (const image of images) {
    for (const dependency of image.dependencies) {
      missing.set(image.name, (missing.get(image.name) ?? 0) + 1);
      followers.get(dependency)?.push(image.name);
    }
  }
  const order: string[] = [];
  let wave = mentioned.filter((name) => missing.get(name) === 0);
  while (wave.length > 0) {
    order.push(...wave);
    const next: string[] = [];
    for (const follower of wave.flatMap((name) => followers.get(name) ?? [])) {
      const left = (missing.get(follower) ?? 0) - 1;
      missing.set(follower, left);
      if (left === 0) next.push(follower);
    }
    wave = next;
  }
  if (order.length < mentioned.length) return undefined;
  return images.toSorted((left, right) => order.indexOf(left.name) - order.indexOf(right.name));
}

function findCycle(images: readonly Dependent[]): string[] {
  const byName = new Map(images.map((image) => [image.name, image]));
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): string[] | undefined => {
    const start = path.indexOf(name);
    if (start >= 0) return [...path.slice(start), name];
    if (done.has(name)) return undefined;
    for (const dependency of byName.get(name)?.dependencies ?? []) {
      const cycle = visit(dependency, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const image of images) {
    const cycle = visit(image.name, []);
    if (cycle !== undefined) return cycle;
  }
  return [];
}
