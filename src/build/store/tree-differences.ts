// What is different in two trees whose layers are known, told by the layers that only one of them has.

import { lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";
import { bindReadOnly } from "../../sandbox/spec.ts";
import type { ImageContext } from "../../tools/context.ts";
import { contentDigest } from "../../tools/digest.ts";
import { isUnreadable } from "../../tools/names-in.ts";
import { hasTool } from "../../tools/tool.ts";
import { readAttributes } from "./attributes.ts";
import type { Layer } from "./layers.ts";

/** More of them are not worth to be looked at: much else depends on one of them. */
const MANY = 2000;

/** What one layer has, by its path. */
type Entries = ReadonlyMap<string, Stats>;

/**
 * The paths, relative to the trees, at which two trees are or may be different; of a directory that is named, all below
 * it may be. Times count only as far as SourceDateEpoch= keeps them: else those of a build are nothing that another one
 * could have.
 * @returns undefined when there are many, or when nobody can tell
 */
export async function treeDifferences(
  context: ImageContext,
  before: readonly Layer[],
  after: readonly Layer[],
): Promise<readonly string[] | undefined> {
  if (!hasTool(context.toolbox, "getfattr")) return undefined;
  const { sourceDateEpoch } = context.image.config;
  const paths = (stack: readonly Layer[]) => new Set(stack.map(({ path }) => path));
  const [old, now] = [paths(before), paths(after)];
  const onlyOld = [...old].filter((path) => !now.has(path)).map((path) => ({ path, entries: entriesOf(path) }));
  const onlyNow = [...now].filter((path) => !old.has(path)).map((path) => ({ path, entries: entriesOf(path) }));
  const layers = [...onlyOld, ...onlyNow];
  const names = layers.flatMap(({ entries }) => [...entries.keys()]);
  if (names.length > MANY || names.some(isUnreadable)) return undefined;
  const attributes = await attributesOf(context, layers);
  /** What a side has at a path, as text; undefined where that cannot be told. */
  const look = (side: typeof layers, path: string): string | undefined => {
    const having = side.filter(({ entries }) => entries.has(path));
    const layer = having.at(-1);
    const status = layer?.entries.get(path);
    if (layer === undefined || status === undefined) return undefined;
    const linesOf = ({ path: place }: typeof layer) => attributes.get(`${place}/${path}`) ?? [];
    // What is below it is all of the directories of that name together, unless one hides the others.
    const isHiding = having.some((each) => linesOf(each).some((line) => line.includes("overlay.opaque=")));
    if (isHiding || (status.isDirectory() && !having.every(({ entries }) => entries.get(path)?.isDirectory())))
      return undefined;
    const own = linesOf(layer);
    const content = contentOf(join(layer.path, path), status);
    if (content === undefined) return undefined;
    const { mode, uid, gid, mtimeMs } = status;
    const time = sourceDateEpoch === null ? 0 : Math.min(mtimeMs, sourceDateEpoch * 1000);
    return [mode, uid, gid, time, content, ...own.filter((line) => !line.includes("overlay."))].join("\n");
  };
  const differing = [...new Set(names)].filter((path) => {
    const there = look(onlyOld, path);
    return there === undefined || there !== look(onlyNow, path);
  });
  // What was written behind a link that has changed lies elsewhere now, and no path of it tells.
  const wasLink = (path: string) => onlyOld.some(({ entries }) => entries.get(path)?.isSymbolicLink());
  return differing.some(wasLink) ? undefined : differing;
}

/** Of files and links; undefined for devices, among them those that stand for what is removed. */
function contentOf(path: string, status: Stats): string | undefined {
  if (status.isDirectory()) return "";
  if (status.isSymbolicLink()) return readlinkSync(path);
  return status.isFile() && status.nlink === 1 ? contentDigest(path) : undefined;
}

function entriesOf(layer: string): Entries {
  const entries = new Map<string, Stats>();
  const walk = (path: string): void => {
    const status = lstatSync(join(layer, path));
    entries.set(path, status);
    if (!status.isDirectory() || entries.size > MANY) return;
    for (const name of readdirSync(join(layer, path))) {
      const child = path === "" ? name : `${path}/${name}`;
      if (isUnreadable(child)) entries.set(child, status);
      else walk(child);
    }
  };
  walk("");
  return entries;
}

/** The lines of getfattr's dump, by paths on this machine. */
async function attributesOf(
  context: ImageContext,
  layers: readonly { readonly path: string; readonly entries: Entries }[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const all = layers.flatMap(({ path: layer, entries }, index) =>
    [...entries.keys()].map((path) => ({
      name: `/source/${index}/${path}`.replace(/\/$/, ""),
      path: `${layer}/${path}`,
    })),
  );
  const lines = await readAttributes(context, {
    names: all.map(({ name }) => name),
    mounts: layers.map(({ path }, index) => bindReadOnly(path, `/source/${index}`)),
  });
  return new Map(all.map(({ name, path }) => [path, lines.get(name) ?? []]));
}
