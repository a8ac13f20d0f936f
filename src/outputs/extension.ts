// Images of system extensions, configuration extensions and portable services: a disk with one partition, which is as
// small as it can be and cannot be written to.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OutputContext } from "../tools/context.ts";
import { runRepart } from "../tools/repart.ts";
import { type Disk, diskOf } from "./disk.ts";

export type ExtensionFormat = "sysext" | "confext" | "portable";

/** What is in them; systemd would not use the rest. */
const CONTENT: Readonly<Record<ExtensionFormat, readonly string[]>> = {
  sysext: ["/usr/", "/opt/"],
  confext: ["/etc/"],
  portable: ["/"],
};

export function isExtensionFormat(format: string): format is ExtensionFormat {
  return Object.hasOwn(CONTENT, format);
}

/** Makes the image in the staging directory. @throws {Failure} {CommandFailure} */
export async function packExtension(context: OutputContext, format: ExtensionFormat, name: string): Promise<Disk> {
  const image = join(context.staging, name);
  const directory = await extensionDefinitions(context, format);
  const split = context.image.config.splitArtifacts.includes("partitions");
  const partitions = await runRepart(context, { image, mode: "create", definitions: [directory], split, fstab: false });
  return await diskOf(context, image, partitions);
}

/** The directory with the definition of the partition. */
export async function extensionDefinitions(context: OutputContext, format: ExtensionFormat): Promise<string> {
  const directory = join(context.scratch, "extension.repart.d");
  await mkdir(directory, { recursive: true });
  const lines = ["[Partition]", "Type=root", "Format=erofs", "Minimize=best"];
  const content = CONTENT[format].map((path) => `CopyFiles=${path}`);
  await writeFile(join(directory, "10-root.conf"), `${[...lines, ...content].join("\n")}\n`);
  return directory;
}
