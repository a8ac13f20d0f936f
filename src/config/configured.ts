// What a configure script makes of an image: its JSON becomes the configuration, and what it has changed comes from it.

import { Failure, type Origin } from "../report/failure.ts";
import { type Config, settings } from "../settings/index.ts";
import type { Json } from "../settings/types/value.ts";
import { finish } from "./finished.ts";
import { JsonError, parseObject, valuesFromJson } from "./from-json.ts";
import type { HistoryEvent } from "./history.ts";
import { formatJson, imageJson } from "./json.ts";
import { buildOrder } from "./order.ts";
import { type Image, mainImage, type Project } from "./project.ts";
import { newState } from "./state.ts";
import { rowOf } from "./values.ts";

/** What a script gets on standard input. */
export function scriptInput(image: Image): string {
  return formatJson(imageJson(image));
}

/**
 * The image with the configuration that a script has printed. What it leaves out has its default, as in the original.
 * @throws {Failure} naming script, image and setting when this is not the configuration of an image
 */
export function applyScriptOutput(project: Project, image: Image, script: string, output: string): Image {
  const defaults = finish(newState(image.name, project.directory, process.env));
  const mayBeUnset = (key: keyof Config): boolean => image.config[key] === null || defaults.get(key)?.value === null;
  let values: Map<keyof Config, unknown>;
  try {
    const json = parseObject(output, "its output");
    checkImageName(json["Image"], image);
    values = valuesFromJson(json, mayBeUnset);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new Failure(`the configure script ${script}, run for the image ${image.name}: ${error.message}`, {
      origin: image.origin("configureScripts", script),
      remedy: error.remedy ?? "It must print all of the JSON that it gets on standard input, with its changes.",
    });
  }
  const before = imageJson(image) as Readonly<Record<string, Json>>;
  const changed = new Map<keyof Config, unknown>();
  for (const key of Object.keys(image.config) as (keyof Config)[]) {
    const { name } = rowOf(key);
    if (!Object.hasOwn(before, name)) continue;
    const value = values.has(key) ? values.get(key) : defaults.get(key)?.value;
    const json = value === null ? null : rowOf(key).type.json(value);
    if (formatJson(json) !== formatJson(before[name] ?? null)) changed.set(key, value);
  }
  return withChanges(image, changed, { kind: "script", path: script });
}

function checkImageName(name: Json | undefined, image: Image): void {
  if (name !== undefined && name !== image.name) {
    throw new JsonError(
      `Image is ${JSON.stringify(name)}`,
      `An image cannot be renamed; it must remain ${image.name}.`,
    );
  }
}

function withChanges(image: Image, changed: ReadonlyMap<keyof Config, unknown>, origin: Origin): Image {
  const events = [...changed].map(([key, value]): HistoryEvent => {
    const { name, type } = rowOf(key);
    const text = value === null ? "" : type.print(value);
    return { type: "assigned", key, name: `${name}=`, text, effect: value === null ? "empties" : "sets", origin };
  });
  return {
    ...image,
    config: { ...image.config, ...Object.fromEntries(changed) },
    history: [...image.history, ...events],
    origin(key, element) {
      if (!changed.has(key)) return image.origin(key, element);
      return (
        (element === undefined || !holds(image.config[key], element) ? undefined : image.origin(key, element)) ?? origin
      );
    },
  };
}

/** Whether a collection has an element, or an entry of that name. */
function holds(collection: unknown, element: unknown): boolean {
  if (Array.isArray(collection)) return collection.includes(element);
  return typeof collection === "object" && collection !== null && Object.hasOwn(collection, String(element));
}

/**
 * The project with images that scripts have changed, in the order that their dependencies now ask for.
 * @param images all images, the main one last
 * @throws {Failure} when they depend on an image that is not there, or in a circle
 */
export function withImages(project: Project, images: readonly Image[]): Project {
  const main = mainImage({ ...project, images });
  const nodes = images
    .filter((image) => image !== main)
    .map((image) => ({ name: image.name, dependencies: image.config.dependencies, image }));
  const order = buildOrder(nodes, main.config.dependencies);
  if (order.kind === "ordered") {
    return { ...project, images: [...order.images.map(({ image }) => image), main] };
  }
  if (order.kind === "cycle") {
    throw new Failure(
      `with the changes of configure scripts images depend on each other in a circle: ${order.names.join(" → ")}`,
      {
        remedy: `Keep one of these from being added to ${settings.dependencies.name}=.`,
      },
    );
  }
  const [first] = order.missing;
  const owner = images.find((image) => image.name === first?.by) ?? main;
  throw new Failure(`the image “${owner.name}” depends on “${first?.name}”, which is no image of this project`, {
    origin: owner.origin("dependencies", first?.name),
    remedy: "Images are the directories and .conf files in mkosi.images/.",
  });
}

/** The images that have configure scripts. */
export function imagesWithScripts({ images }: Project): readonly Image[] {
  return images.filter(({ config }) => config.configureScripts.length > 0);
}
