// Unpacks an OCI image layout: the layers of its first manifest, one over the other (OCI image specification, image-layout and layer).

import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Failure } from "../report/failure.ts";
import { bindReadOnly } from "../sandbox/spec.ts";
import type { ImageContext } from "../tools/context.ts";
import { pathInside } from "../tools/inside.ts";
import { captureTool } from "../tools/tool.ts";
import { extract } from "./extract.ts";

interface Descriptor {
  readonly mediaType?: string;
  readonly digest: string;
}

/** @param layout the image's directory @param root where the tree goes @throws {Failure} when a part of it is missing or damaged */
export async function extractOci(context: ImageContext, layout: string, root: string): Promise<void> {
  const index = await readJson(join(layout, "index.json"), layout);
  let manifest = await readBlob(layout, firstOf(index["manifests"], layout));
  // An index of indexes: one for each platform.
  if (Array.isArray(manifest["manifests"])) manifest = await readBlob(layout, firstOf(manifest["manifests"], layout));
  for (const layer of descriptors(manifest["layers"], layout)) {
    const path = blobPath(layout, layer);
    const names = await captureTool(context, {
      argv: ["tar", "--list", "--file=/source", "--quoting-style=literal"],
      mounts: [bindReadOnly(path, "/source")],
    });
    const marks = names.split("\n").filter((name) => /(^|\/)\.wh\.[^/]*$/.test(name));
    for (const mark of marks) await applyWhiteout(root, mark);
    await extract(context, "tar", path, root);
    for (const mark of marks) await rm(join(pathInside(root, dirname(mark)), nameOf(mark)), { force: true });
  }
}

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** `.wh.NAME` removes what the layers below have of that name, `.wh..wh..opq` all that they have in the directory. */
async function applyWhiteout(root: string, mark: string): Promise<void> {
  const directory = pathInside(root, dirname(mark));
  const name = nameOf(mark).slice(".wh.".length);
  if (name !== ".wh..opq") await rm(join(directory, name), { recursive: true, force: true });
  else await rm(directory, { recursive: true, force: true });
}

function blobPath(layout: string, { digest }: Descriptor): string {
  const [algorithm = "", hash = ""] = digest.split(":");
  const path = join(layout, "blobs", algorithm, hash);
  if (!/^[a-z0-9]+:[a-f0-9]+$/.test(digest) || !existsSync(path)) throw damaged(layout, `it has no blob ${digest}`);
  return path;
}

async function readBlob(layout: string, descriptor: Descriptor): Promise<Record<string, unknown>> {
  return await readJson(blobPath(layout, descriptor), layout);
}

async function readJson(path: string, layout: string): Promise<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    throw damaged(layout, `${path} cannot be read: ${(cause as Error).message}`);
  }
  throw damaged(layout, `${path} is no JSON object`);
}

function descriptors(value: unknown, layout: string): readonly Descriptor[] {
  const isDescriptor = (each: unknown) =>
    typeof each === "object" && each !== null && typeof (each as Descriptor).digest === "string";
  if (!Array.isArray(value) || !value.every(isDescriptor)) throw damaged(layout, "a list of blobs in it is none");
  return value as readonly Descriptor[];
}

function firstOf(value: unknown, layout: string): Descriptor {
  const [first] = descriptors(value, layout);
  if (first === undefined) throw damaged(layout, "it names no image");
  return first;
}

function damaged(layout: string, reason: string): Failure {
  return new Failure(`the OCI image ${layout} is damaged: ${reason}`, { remedy: "build or copy it again" });
}
