// What scripts add to an image's outputs: files that were put into $OUTPUTDIR while it was built, and whatever
// post-output scripts make of the finished ones.

import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact } from "../../tools/artifact.ts";
import type { StepContext } from "../image-build.ts";
import { viewHandedOn } from "./handed-on.ts";
import { runScripts } from "./run.ts";

/** Copies what scripts have put into $OUTPUTDIR into the staging directory. */
export async function publishHandedOn(context: StepContext): Promise<readonly Artifact[]> {
  await using view = await viewHandedOn(context, "OUTPUTDIR");
  if (view === undefined) return [];
  await cp(view.path, context.staging, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  return (await readdir(view.path)).map((name) => ({ path: join(context.staging, name), kind: "script" }));
}

/** @returns the artefacts that are there after the post-output scripts */
export async function runPostOutputScripts(
  context: StepContext,
  artifacts: readonly Artifact[],
): Promise<readonly Artifact[]> {
  if (context.image.config.postOutputScripts.length === 0) return artifacts;
  await runScripts(context, { kind: "postoutput", places: { OUTPUTDIR: { path: context.staging } } });
  const there = (await readdir(context.staging)).map((name) => join(context.staging, name));
  const known = artifacts.map(({ path }) => path);
  return [
    ...artifacts.filter(({ path }) => there.includes(path)),
    ...there.filter((path) => !known.includes(path)).map((path): Artifact => ({ path, kind: "script" })),
  ];
}
