// Overlay=: the image becomes what it adds to its base trees. Names that the base has stay out, changed or not, as do
// those that were removed: a tree that is laid over the base later could not take them away either.

import { lstatSync, readdirSync } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../report/failure.ts";
import { mountOverlay, unmount } from "../../sandbox/mount.ts";
import { bindReadOnly } from "../../sandbox/spec.ts";
import { rootMount, runTool } from "../../tools/tool.ts";
import type { StepContext } from "../image-build.ts";
import type { Step } from "../pipeline.ts";
import { EXTRACT } from "./trees.ts";

export const difference: Step = {
  title: "Leaving out what the base trees have",
  anew: true,
  applies: ({ image }) => image.config.overlay,
  async run(context) {
    await using base = await mounted(context, "base", context.base);
    await using whole = await mounted(context, "whole", [...context.base, ...context.own]);
    const { added, shared } = await compare(context, base.path, whole.path);
    await runTool(context, {
      argv: ["bash", "-ec", COPY],
      mounts: [
        rootMount(context),
        bindReadOnly(whole.path, "/whole"),
        bindReadOnly(base.path, "/base"),
        { type: "file", content: list(added), target: "/added" },
        { type: "file", content: list(shared), target: "/shared" },
      ],
    });
  },
};

const CREATE = "tar --create --no-recursion --numeric-owner --sparse --acls --xattrs '--xattrs-include=*' --null";

/** Directories that both have look as they do in the base. */
const COPY = `set -o pipefail
${CREATE} --directory=/whole --verbatim-files-from --files-from=/added | ${EXTRACT} --acls --directory=/buildroot
${CREATE} --directory=/base --verbatim-files-from --files-from=/shared |
  ${EXTRACT} --acls --delay-directory-restore --directory=/buildroot`;

interface Difference {
  readonly added: readonly string[];
  /** Directories of the base that the image has changed or has something in. */
  readonly shared: readonly string[];
}

/** Paths relative to the trees, parents before what is in them. @throws {Failure} when a directory is none in the base */
async function compare(context: StepContext, base: string, whole: string): Promise<Difference> {
  const added: string[] = [];
  const shared: string[] = [];
  for (const path of pathsIn(context.own)) {
    const now = await lstat(join(whole, path)).catch(() => undefined);
    if (now === undefined) continue; // removed by a later step
    const before = await lstat(join(base, path)).catch(() => undefined);
    if (before === undefined) added.push(path);
    else if (now.isDirectory() && before.isDirectory()) shared.push(path);
    else if (!now.isDirectory()) context.report.output(`Left out, as the base trees have it: /${path}\n`);
    else {
      const { image } = context;
      throw new Failure(`image ${image.name}: /${path} is a directory, but none in its base trees`, {
        origin: image.origin("overlay"),
        remedy: "see which package or tree makes it: an overlay could not be laid over the base",
      });
    }
  }
  return { added, shared };
}

/** All that the layers have, but for what stands for removed files. */
function pathsIn(layers: readonly string[]): readonly string[] {
  const paths = new Set<string>();
  const visit = (layer: string, path: string): void => {
    for (const entry of readdirSync(join(layer, path), { withFileTypes: true })) {
      const child = path === "" ? entry.name : `${path}/${entry.name}`;
      if (entry.isCharacterDevice() && lstatSync(join(layer, child)).rdev === 0) continue;
      paths.add(child);
      if (entry.isDirectory()) visit(layer, child);
    }
  };
  for (const layer of layers) visit(layer, "");
  return [...paths].toSorted();
}

function list(paths: readonly string[]): string {
  return paths.map((path) => `./${path}\0`).join("");
}

/** The layers as one tree that cannot be changed. */
async function mounted(
  context: StepContext,
  name: string,
  layers: readonly string[],
): Promise<AsyncDisposable & { readonly path: string }> {
  const [only] = layers;
  // An overlay that cannot be written to takes two layers.
  if (only !== undefined && layers.length === 1) return { path: only, [Symbol.asyncDispose]: async () => {} };
  const path = join(context.scratch, `difference-${name}`);
  await mountOverlay({ lowers: layers, target: path });
  return { path, [Symbol.asyncDispose]: () => unmount(path) };
}
