// BuildSources= as scripts see them: the directories themselves, or overlays on them that keep changes away from them.

import { chmod, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { buildDirectoryOf } from "../../config/build-directory.ts";
import type { Image } from "../../config/project.ts";
import { Failure } from "../../report/failure.ts";
import { mountOverlay, unmount } from "../../sandbox/mount.ts";
import { bind, type Mount } from "../../sandbox/spec.ts";
import { type ScriptFacts, SOURCES } from "./kinds.ts";

export interface SourceMounts extends AsyncDisposable {
  readonly mounts: readonly Mount[];
}

type Source = Image["config"]["buildSources"][number];

/**
 * Makes the sources ready for the scripts of one kind; disposing of the result drops what was not to be kept.
 * @param scratch a directory for changes that are not kept
 * @throws {Failure} with BuildSourcesEphemeral=buildcache and no build directory
 */
export async function mountSources(image: Image, rule: ScriptFacts["sources"], scratch: string): Promise<SourceMounts> {
  const { buildSources, buildSourcesEphemeral } = image.config;
  const sources = buildSources.toSorted((a, b) => ((a.target ?? "") < (b.target ?? "") ? -1 : 1));
  const overlays = rule !== "changed" && buildSourcesEphemeral !== "no";
  const cache = rule === "ephemeral or cached" && buildSourcesEphemeral === "buildcache" ? cacheOf(image) : undefined;
  const mounted: AsyncDisposable[] = [];
  const dispose = async () => {
    for (const mount of mounted.toReversed()) await mount[Symbol.asyncDispose]();
  };
  const mounts: Mount[] = [{ type: "dir", target: SOURCES }];
  try {
    for (const source of sources) {
      let path = source.source;
      if (overlays) {
        const overlay = await mountSource(source, scratch, cache);
        mounted.push(overlay);
        path = overlay.path;
      }
      mounts.push(bind(path, join(SOURCES, source.target ?? "")));
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { mounts, [Symbol.asyncDispose]: dispose };
}

async function mountSource(
  { source }: Source,
  scratch: string,
  cache: string | undefined,
): Promise<AsyncDisposable & { readonly path: string }> {
  await mkdir(scratch, { recursive: true });
  const place = await mkdtemp(join(scratch, "sources-"));
  const upper = cache === undefined ? join(place, "changes") : join(cache, `mkosi.buildovl.${basename(source)}`);
  // It must be on the file system of the changes.
  const work = cache === undefined ? join(place, "work") : `${upper}-workdir`;
  const path = join(place, "sources");
  await mkdir(upper, { recursive: true });
  await chmod(upper, (await stat(source)).mode & 0o7777);
  await mountOverlay({ lowers: [source], upper, work, target: path });
  return {
    path,
    async [Symbol.asyncDispose]() {
      await unmount(path);
      await rm(work, { recursive: true, force: true });
      await rm(place, { recursive: true, force: true });
    },
  };
}

function cacheOf(image: Image): string {
  const directory = buildDirectoryOf(image);
  if (directory !== undefined) return directory;
  throw new Failure("BuildSourcesEphemeral=buildcache has no place for what build scripts change", {
    origin: image.origin("buildSourcesEphemeral"),
    remedy: "set BuildDirectory=, or make the directory mkosi.builddir",
  });
}
