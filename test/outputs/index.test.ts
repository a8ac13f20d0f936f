import { createHash } from "node:crypto";
import { lstat, readFile, readlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { checkFormat, pack } from "../../src/outputs/index.ts";
import type { Config } from "../../src/settings/index.ts";
import { makeImage } from "../support/image.ts";
import { makeContext } from "../support/tree.ts";

/** Packs with programs that make the files they are asked to make. */
async function packed(
  config: Partial<Config>,
  packages = [
    { name: "b", version: "2", architecture: "amd64", size: 5 },
    { name: "a", version: "1", architecture: "all", size: 7 },
  ],
) {
  const made: string[] = [];
  const context = await makeContext(config, {}, (argv) => {
    made.push(...argv.flatMap((word) => /^(?:--file=)?\/work\/([^/]+)$/.exec(word)?.[1] ?? []));
    return argv[1] === "--version" ? "systemd 262\n" : "[]";
  });
  const run = context.runner.run.bind(context.runner);
  context.runner.run = async (spec) => {
    const result = await run(spec);
    for (const name of made.splice(0)) {
      const path = join(context.staging, name);
      if (!(await lstat(path).catch(() => undefined))) await writeFile(path, `content of ${name}`, { mode: 0o600 });
    }
    return result;
  };
  const artifacts = await pack(context, { packages });
  return {
    context,
    artifacts: artifacts.map(({ path, kind }) => `${kind} ${basename(path)}`),
    read: (name: string) => readFile(join(context.staging, name), "utf8"),
  };
}

test.each([
  [{ format: "disk" }, "image.raw", ["image image.raw"]],
  [{ format: "disk", compressOutput: "xz" }, "image.raw.xz", ["image image.raw.xz"]],
  [{ format: "tar" }, "image.tar.zst", ["image image.tar.zst"]],
  [{ format: "tar", compressOutput: "none" }, "image.tar", ["image image.tar"]],
  [{ format: "cpio", output: "initrd" }, "initrd.cpio.zst", ["image initrd.cpio.zst"]],
  [{ format: "disk", imageId: "box", imageVersion: "1.2" }, "box_1.2.raw", ["image box_1.2.raw"]],
  [{ format: "disk", outputExtension: "img" }, "image.img", ["image image.img"]],
] as const)("%j makes %s", async (config, file, expected) => {
  const { context, artifacts } = await packed(config);
  const link = context.image.config.output;
  expect(artifacts).toEqual([...expected, `link ${link}`]);
  expect(await readlink(join(context.staging, link))).toBe(file);
});

test("a directory is its own name, and Format=none makes nothing", async () => {
  const { artifacts, context } = await packed({ format: "directory" });
  expect(artifacts).toEqual(["image image"]);
  expect(context.runner.commands()).toEqual([
    "cp --archive --no-target-directory --reflink=auto /buildroot/. /work/image",
  ]);
  expect((await packed({ format: "none" })).artifacts).toEqual([]);
});

test("writes the manifest with the packages in order", async () => {
  const { artifacts, read } = await packed({
    format: "tar",
    manifestFormat: ["json"],
    imageVersion: "3",
    output: "box",
  });
  expect(artifacts).toContain("manifest box.manifest");
  expect(JSON.parse(await read("box.manifest"))).toEqual({
    manifest_version: 1,
    config: {
      name: "image",
      distribution: "debian",
      architecture: "x86-64",
      output_format: "tar",
      version: "3",
      release: "trixie",
    },
    packages: [
      { type: "deb", name: "a", version: "1", architecture: "all", size: 7 },
      { type: "deb", name: "b", version: "2", architecture: "amd64", size: 5 },
    ],
    extension: {},
  });
});

test("writes checksums of files, and sets their mode", async () => {
  const { artifacts, read, context } = await packed({ format: "tar", checksum: true, outputMode: 0o640 });
  expect(artifacts).toEqual(["image image.tar.zst", "checksum image.SHA256SUMS", "link image"]);
  const sum = createHash("sha256").update("content of image.tar.zst").digest("hex");
  expect(await read("image.SHA256SUMS")).toBe(`${sum} *image.tar.zst\n`);
  expect((await lstat(join(context.staging, "image.tar.zst"))).mode & 0o777).toBe(0o640);
});

test("stops what would be no OCI image", () => {
  checkFormat(makeImage({ format: "oci", compressOutput: "gz" }));
  expect(() => checkFormat(makeImage({ format: "oci", compressOutput: "xz" }))).toThrow("not compressed by xz");
  expect(() => checkFormat(makeImage({ format: "oci", architecture: "s390" }))).toThrow("no name for the architecture");
});
