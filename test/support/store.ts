// What is in a store of Incremental= that no build would leave there.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Unfinished layers, and files under the names that they have while they are written. */
export function unfinished(store: string): string[] {
  const layers = names(join(store, "layers"))
    .filter(
      (name) =>
        name.startsWith(".") ||
        !partsOf(join(store, "layers", name)).every((part) => existsSync(join(store, "layers", name, part))),
    )
    .map((name) => `layers/${name}`);
  const traces = names(join(store, "traces")).flatMap((position) =>
    names(join(store, "traces", position)).map((name) => `traces/${position}/${name}`),
  );
  const outputs = names(join(store, "outputs")).map((name) => `outputs/${name}`);
  const listings = names(join(store, "listings")).map((name) => `listings/${name}`);
  const builds = names(join(store, "builds")).map((name) => `builds/${name}`);
  const files = [...traces, ...outputs, ...listings, ...builds].filter(
    (path) => !/\.(json|gz)$/.test(path) || path.includes("/."),
  );
  const others = names(store).filter(
    (name) => !["layers", "traces", "outputs", "lock", "digests.json", "listings", "builds"].includes(name),
  );
  return [...layers, ...files, ...others];
}

function names(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

/** A layer that lies on another tree now has its content in the old one. */
function partsOf(layer: string): readonly string[] {
  const path = join(layer, "layer.json");
  const isMoved = existsSync(path) && "content" in (JSON.parse(readFileSync(path, "utf8")) as object);
  return isMoved ? ["layer.json"] : ["layer.json", "upper", "notes"];
}
