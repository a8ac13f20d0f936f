// OCI images, as directories in the image layout of https://github.com/opencontainers/image-spec: one layer, which
// engines unpack, and blobs that are called by their digests.

import { createHash } from "node:crypto";
import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Image } from "../config/project.ts";
import { OCI_NAMES } from "../facts/architectures.ts";
import { VERSION } from "../facts/version.ts";
import { Failure } from "../report/failure.ts";
import type { Config } from "../settings/index.ts";
import { compressFile } from "../tools/compress.ts";
import type { OutputContext } from "../tools/context.ts";
import { createTar } from "../tools/tar.ts";
import { sha256 } from "./checksum.ts";

const MEDIA = "application/vnd.oci.image";
/** What comes after `tar` in a layer's media type. */
const SUFFIXES: Readonly<Partial<Record<Config["compressOutput"], string>>> = { none: "", gz: "+gzip", zstd: "+zstd" };

/** Stops when nobody could read such an image. @throws {Failure} */
export function checkOci(image: Image): void {
  const { compressOutput, architecture } = image.config;
  if (SUFFIXES[compressOutput] === undefined) {
    throw new Failure(`image ${image.name}: OCI images are not compressed by ${compressOutput}`, {
      origin: image.origin("compressOutput"),
      remedy: "set CompressOutput= to gz, zstd or none",
    });
  }
  if (OCI_NAMES[architecture] === undefined) {
    throw new Failure(`image ${image.name}: OCI images have no name for the architecture ${architecture}`, {
      origin: image.origin("architecture"),
      remedy: `choose one of ${Object.keys(OCI_NAMES).join(", ")}, or another format`,
    });
  }
}

interface Blob {
  readonly digest: string;
  readonly size: number;
}

/** Makes the layout in the staging directory. @returns its path. @throws {Failure} {CommandFailure} */
export async function packOci(context: OutputContext, name: string): Promise<string> {
  const { config } = context.image;
  const output = join(context.staging, name);
  const blobs = join(output, "blobs/sha256");
  await mkdir(blobs, { recursive: true, mode: 0o755 });
  const json = async (value: unknown): Promise<Blob> => {
    const text = JSON.stringify(value);
    const digest = createHash("sha256").update(text).digest("hex");
    await writeFile(join(blobs, digest), text, { mode: 0o644 });
    return { digest: `sha256:${digest}`, size: Buffer.byteLength(text) };
  };

  const layer = await packLayer(context, blobs);
  const created = (
    config.sourceDateEpoch === null ? new Date() : new Date(config.sourceDateEpoch * 1000)
  ).toISOString();
  const own = await json({
    created,
    architecture: OCI_NAMES[config.architecture],
    os: "linux",
    rootfs: { type: "layers", diff_ids: [layer.content] },
    config: {
      Cmd: ["/sbin/init", ...config.kernelCommandLine],
      ...(Object.keys(config.ociLabels).length === 0 ? {} : { Labels: config.ociLabels }),
    },
    history: [{ created, comment: "Created by mkosi" }],
  });
  const manifest = await json({
    schemaVersion: 2,
    mediaType: `${MEDIA}.manifest.v1+json`,
    config: { mediaType: `${MEDIA}.config.v1+json`, ...own },
    layers: [
      {
        mediaType: `${MEDIA}.layer.v1.tar${SUFFIXES[config.compressOutput] ?? ""}`,
        digest: layer.digest,
        size: layer.size,
      },
    ],
    annotations: {
      "io.systemd.mkosi.version": VERSION,
      ...(config.imageVersion === null ? {} : { "org.opencontainers.image.version": config.imageVersion }),
      ...config.ociAnnotations,
    },
  });
  const index = {
    schemaVersion: 2,
    mediaType: `${MEDIA}.index.v1+json`,
    manifests: [
      {
        mediaType: `${MEDIA}.manifest.v1+json`,
        ...manifest,
        ...(config.imageId === null ? {} : { annotations: { "org.opencontainers.image.ref.name": config.imageId } }),
      },
    ],
  };
  await writeFile(join(output, "index.json"), JSON.stringify(index), { mode: 0o644 });
  await writeFile(join(output, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }), { mode: 0o644 });
  return output;
}

/** @returns with the digest of what the layer is when it is not compressed */
async function packLayer(context: OutputContext, blobs: string): Promise<Blob & { readonly content: string }> {
  const { compressOutput } = context.image.config;
  const plain = join(blobs, "layer");
  await createTar(context, plain);
  const content = await sha256(plain);
  const file = compressOutput === "none" ? plain : await compressFile(context, plain, compressOutput);
  const digest = compressOutput === "none" ? content : await sha256(file);
  await rename(file, join(blobs, digest));
  const { size } = await stat(join(blobs, digest));
  return { digest: `sha256:${digest}`, size, content: `sha256:${content}` };
}
