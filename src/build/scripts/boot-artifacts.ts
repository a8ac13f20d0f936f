// What scripts have put into $ARTIFACTDIR for the image to boot with, and what tells a build that it is another one.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type GivenInitrds, givenInitrds, INITRDS, MICROCODE } from "../../boot/given-initrds.ts";
import { digestTree } from "../../tools/digest.ts";
import type { StepContext } from "../image-build.ts";
import { keyOf } from "../store/key.ts";
import { HANDED_ON, viewHandedOn } from "./handed-on.ts";

/** The files, as long as what is returned is held. */
export async function bootArtifacts({
  artifacts,
  scratch,
}: Pick<StepContext, "artifacts" | "scratch">): Promise<GivenInitrds & AsyncDisposable> {
  const holders = artifacts.filter((notes) => placesIn(notes).length > 0);
  const view = holders.length === 0 ? undefined : await viewHandedOn({ earlier: artifacts, scratch }, "ARTIFACTDIR");
  return { ...givenInitrds(view?.path), [Symbol.asyncDispose]: async () => view?.[Symbol.asyncDispose]() };
}

/** A digest of what bootArtifacts() takes; empty where there is nothing. @param notes of all steps */
export function artifactsDigest(notes: readonly string[]): string {
  const places = notes.flatMap(placesIn);
  return places.length === 0 ? "" : keyOf(places.map((place) => digestTree(place)));
}

function placesIn(notes: string): readonly string[] {
  return [INITRDS, MICROCODE]
    .map((name) => join(notes, HANDED_ON.ARTIFACTDIR, name))
    .filter((path) => existsSync(path));
}
