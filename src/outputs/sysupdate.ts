// `mkosi sysupdate`: systemd-sysupdate takes what was built from the output directory. Partitions that the build has not
// put into files of their own are split off for that time, and nothing of it stays.

import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { readGpt } from "../formats/gpt.ts";
import { mountOverlay, unmount } from "../sandbox/mount.ts";
import { bind, bindReadOnly, type Mount, type Runner, type Toolbox } from "../sandbox/spec.ts";
import type { Config } from "../settings/index.ts";
import { isCompressed } from "./names.ts";

export interface SourceContext {
  readonly config: Pick<Config, "format" | "compressOutput" | "splitArtifacts" | "repartDirectories">;
  /** The output directory. */
  readonly outputs: string;
  /** The image in it. */
  readonly image: string;
  /** An empty directory. */
  readonly scratch: string;
  readonly runner: Runner;
  readonly toolbox: Toolbox;
}

export interface Source extends AsyncDisposable {
  /** A directory with the outputs, and a file for each partition. */
  readonly path: string;
}

const WORK = "/work";

/** @throws {Failure} {CommandFailure} when the disk cannot be split */
export async function sysupdateSource(context: SourceContext): Promise<Source> {
  const { config, outputs, scratch } = context;
  const isPlainDisk = config.format === "disk" && !isCompressed(config);
  if (!isPlainDisk || config.splitArtifacts.includes("partitions"))
    return { path: outputs, [Symbol.asyncDispose]: async () => {} };
  const partitions = join(scratch, "partitions");
  await mkdir(partitions);
  await split(context, partitions);
  const path = join(scratch, "outputs");
  await mountOverlay({ lowers: [partitions, outputs], target: path });
  return { path, [Symbol.asyncDispose]: () => unmount(path) };
}

/** systemd-repart writes the partitions beside the image, with the names that SplitName= gives them. */
async function split({ image, runner, toolbox, ...context }: SourceContext, directory: string): Promise<void> {
  const definitions = await definitionsFor(image, context);
  await runner.run({
    argv: [
      ...["systemd-repart", "--no-pager", "--pretty=no", "--offline=yes", "--dry-run=yes", "--split=yes"],
      ...definitions.map(({ target }) => `--definitions=${target}`),
      join(WORK, basename(image)),
    ],
    base: { kind: "tools", toolbox },
    mounts: [bind(directory, WORK), bindReadOnly(image, join(WORK, basename(image))), ...definitions],
  });
}

/** The image's own definitions, or ones that name its partitions one by one. */
async function definitionsFor(
  image: string,
  { config, scratch }: Pick<SourceContext, "config" | "scratch">,
): Promise<readonly Mount[]> {
  const own = config.repartDirectories;
  if (own.length > 0) return own.map((directory, index) => bindReadOnly(directory, `/definitions/${index}`));
  const made = join(scratch, "definitions");
  await mkdir(made);
  for (const { type, number } of (await readGpt(image))?.partitions ?? [])
    await writeFile(join(made, `${String(number).padStart(3, "0")}.conf`), `[Partition]\nType=${type}\n`);
  return [bindReadOnly(made, "/definitions")];
}
