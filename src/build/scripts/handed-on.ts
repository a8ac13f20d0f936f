// Directories that scripts hand on to later steps of the build: their content is kept in the notes of the steps' layers,
// and each step sees what those before it have put there.

import { existsSync } from "node:fs";
import { mkdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { mountOverlay, unmount } from "../../sandbox/mount.ts";
import type { StepContext } from "../image-build.ts";
import type { PlaceName } from "./kinds.ts";
import type { PlaceMount } from "./run.ts";

/** Their names in the notes. */
export const HANDED_ON = { ARTIFACTDIR: "artifacts", OUTPUTDIR: "output", PACKAGEDIR: "packages" } as const;

export type HandedOn = keyof typeof HANDED_ON;

interface HandedOnMounts extends AsyncDisposable {
  readonly places: Readonly<Partial<Record<PlaceName, PlaceMount>>>;
}

/** Makes directories ready for a step: with what is there already, and what is changed goes to the step's notes. */
export async function mountHandedOn(
  context: Pick<StepContext, "earlier" | "notes" | "scratch">,
  names: readonly HandedOn[],
): Promise<HandedOnMounts> {
  const places: Partial<Record<PlaceName, PlaceMount>> = {};
  const mounted: string[] = [];
  const changes = names.map((name) => join(context.notes, HANDED_ON[name]));
  for (const [index, name] of names.entries()) {
    const upper = changes[index] as string;
    const lowers = handedOn(context, name);
    await mkdir(upper, { recursive: true });
    if (lowers.length === 0) {
      places[name] = { path: upper };
      continue;
    }
    const target = join(context.scratch, "handed-on", HANDED_ON[name]);
    await mountOverlay({ lowers, upper, work: `${upper}.work`, target });
    mounted.push(target);
    places[name] = { path: target };
  }
  return {
    places,
    async [Symbol.asyncDispose]() {
      for (const target of mounted) await unmount(target);
      for (const directory of changes) {
        await rm(`${directory}.work`, { recursive: true, force: true });
        await rmdir(directory).catch(() => {}); // what is not empty stays
      }
    },
  };
}

/** The whole directory as the steps before have left it, to be read; undefined when they have left nothing. */
export async function viewHandedOn(
  context: Pick<StepContext, "earlier" | "scratch">,
  name: HandedOn,
): Promise<(AsyncDisposable & { readonly path: string }) | undefined> {
  const lowers = handedOn(context, name);
  const [only] = lowers;
  if (only === undefined) return undefined;
  if (lowers.length === 1) return { path: only, [Symbol.asyncDispose]: async () => {} };
  const path = join(context.scratch, "handed-on", `all-${HANDED_ON[name]}`);
  await mountOverlay({ lowers, target: path });
  return { path, [Symbol.asyncDispose]: () => unmount(path) };
}

function handedOn({ earlier }: Pick<StepContext, "earlier">, name: HandedOn): readonly string[] {
  return earlier.map((notes) => join(notes, HANDED_ON[name])).filter((path) => existsSync(path));
}
