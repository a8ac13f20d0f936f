// Images of system extensions, configuration extensions and portable services: a disk with one file system, which is as
// small as it can be and cannot be written to; Verity= puts a hash tree and a signature beside it.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { verityOptions, wantedVerity } from "../signing/verity.ts";
import type { OutputContext } from "../tools/context.ts";
import { runRepart } from "../tools/repart.ts";
import { type Disk, diskOf } from "./disk.ts";
import { checkSigned } from "./verity.ts";

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
  const definitions = [await extensionDefinitions(context, format)];
  const split = context.image.config.splitArtifacts.includes("partitions");
  const verity = verityOptions(context);
  const partitions = await runRepart(context, { image, mode: "create", definitions, split, fstab: false, ...verity });
  checkSigned(context.image, partitions);
  return await diskOf(context, image, partitions);
}

/** The directory with the definitions of the partitions. */
export async function extensionDefinitions(context: OutputContext, format: ExtensionFormat): Promise<string> {
  const directory = join(context.scratch, "extension.repart.d");
  await mkdir(directory, { recursive: true });
  const write = (file: string, lines: readonly string[]) =>
    writeFile(join(directory, file), `${["[Partition]", ...lines].join("\n")}\n`);
  const verity = wantedVerity(context.image.config);
  const match = "VerityMatchKey=root";
  await write("10-root.conf", [
    ...["Type=root", "Format=erofs", "Minimize=best"],
    ...CONTENT[format].map((path) => `CopyFiles=${path}`),
    ...(verity === "none" ? [] : ["Verity=data", match]),
  ]);
  if (verity === "none") return directory;
  await write("20-root-verity.conf", ["Type=root-verity", "Verity=hash", match, "Minimize=best"]);
  if (verity === "signature")
    await write("30-root-verity-sig.conf", ["Type=root-verity-sig", "Verity=signature", match]);
  return directory;
}
