// What a disk's partition definitions have of verity, and whether Verity= and its keys go with them.

import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import type { Config } from "../settings/index.ts";
import { hasSignature, signsVerity } from "../signing/verity.ts";
import type { RepartPartition } from "../tools/repart.ts";
import { definedValues } from "./definitions.ts";

const ROLES = ["data", "hash", "signature"];

/** Whether the kernel's command line is to have a root hash, which is known only when the disk has its file systems. */
export function bootsWithVerity(config: Config): boolean {
  return config.format === "disk" && config.bootable !== "disabled" && verityRoles(config).size > 0;
}

/** The values of Verity= in partition definitions, each with the file that has it. In a definition the last one holds. */
function verityRoles({ repartDirectories }: Config): ReadonlyMap<string, string> {
  const roles = definedValues(repartDirectories, "Verity").filter(({ value }) => ROLES.includes(value));
  return new Map(roles.map(({ value, path }) => [value, path]));
}

/** Stops when a disk's definitions ask for a signature that nobody can make, or lack the one that must be there. @throws {Failure} */
export function checkVerity(image: Image): void {
  const { config, name } = image;
  if (config.format !== "disk") return;
  const signature = verityRoles(config).get("signature");
  if (config.verity === "signed" && signature === undefined) throw withoutSignature(image);
  if (signature === undefined || signsVerity(config) || config.verity === "hash" || config.verity === "defer") return;
  throw new Failure(`image ${name}: ${signature} asks for a verity signature, but nothing is there to sign it with`, {
    origin: config.verity === "disabled" ? image.origin("verity") : image.origin("repartDirectories"),
    remedy:
      config.verity === "disabled"
        ? "leave out Verity=no, or set Verity=hash: then the definition does not count"
        : "make a key and a certificate with mkosi genkey, set VerityKey= and VerityCertificate=, or set Verity=hash or defer",
  });
}

/** Makes sure that a disk which must be signed is. @throws {Failure} */
export function checkSigned(image: Image, partitions: readonly RepartPartition[]): void {
  if (image.config.verity === "signed" && !hasSignature(partitions)) throw withoutSignature(image);
}

function withoutSignature(image: Image): Failure {
  return new Failure(`image ${image.name}: Verity=signed, but no partition is one for a verity signature`, {
    origin: image.origin("verity"),
    remedy: "add a definition with Verity=signature (and those with hash and data) to RepartDirectories=",
  });
}
