// `mkosi cache`: lists the layers that Incremental= keeps; `mkosi cache prune` removes those that no image's latest output
// was made from.

import { existsSync } from "node:fs";
import { removeLayers, type StoredLayer, storedLayers } from "../build/store/prune.ts";
import { storeDirectory } from "../build/workshop.ts";
import { formatJson } from "../config/json.ts";
import { Failure } from "../report/failure.ts";
import { print } from "../report/print.ts";
import { formatBytes } from "../report/quantity.ts";
import { cacheDirectory } from "./session.ts";
import type { Verb } from "./verb.ts";

const HOUR = 3_600_000;

export const verb: Verb = {
  needsNamespace: true,
  async run({ args, project: load }) {
    const [operand, ...others] = args.verbArguments;
    if ((operand !== undefined && operand !== "prune") || others.length > 0)
      throw new Failure(`mkosi cache cannot do “${args.verbArguments.join(" ")}”`, {
        remedy: "mkosi cache lists the layers, mkosi cache prune removes those that no output has",
      });
    const directory = storeDirectory(await load(), cacheDirectory());
    if (operand === "prune") return await prune(directory);
    const layers = await storedLayers(directory);
    if (args.json) return print(formatJson({ directory, layers: layers.map(asJson) }));
    const total = layers.reduce((sum, { size }) => sum + size, 0);
    print([`${directory}: ${layers.length} layers, ${formatBytes(total)}`, ...layers.map(line)].join("\n"));
  },
};

function line({ key, size, used, step, image, outputs }: StoredLayer): string {
  const age = (Date.now() - used) / HOUR;
  const when = age < 1 ? "< 1 h" : age < 48 ? `${Math.floor(age)} h` : `${Math.floor(age / 24)} d`;
  const why = outputs.length === 0 ? "no output has it" : `of ${outputs.map((place) => place.image).join(", ")}`;
  return `  ${key.slice(0, 12)} ${formatBytes(size).padStart(10)} ${when.padStart(6)}  ${image}: ${step} (${why})`;
}

function asJson({ key, size, used, step, image, outputs }: StoredLayer) {
  const users = outputs.map((place) => ({ directory: place.directory, image: place.image }));
  return { key, size, used: new Date(used).toISOString(), step, image, outputs: users };
}

async function prune(directory: string): Promise<void> {
  if (!existsSync(directory)) return print(`${directory}: nothing to remove`);
  const removed = await removeLayers(directory, (layers) => layers.filter(({ outputs }) => outputs.length === 0));
  if (removed === undefined) {
    throw new Failure(`the layers in ${directory} are in use by another mkosi`, {
      remedy: "wait until it is done, and try again",
    });
  }
  const bytes = removed.reduce((sum, { size }) => sum + size, 0);
  print(`${directory}: removed ${removed.length} layers (${formatBytes(bytes)})`);
}
