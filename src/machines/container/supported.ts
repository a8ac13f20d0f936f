// What containers cannot be made of, said before anything is built.

import { existsSync } from "node:fs";
import type { Image } from "../../config/project.ts";
import { Failure } from "../../report/failure.ts";

/** Services by which systemd-nspawn works without root, with the sockets by which one sees that they run. */
const ROOTLESS = [
  ["systemd-nsresourced", "/run/systemd/io.systemd.NamespaceResource"],
  ["systemd-mountfsd", "/run/systemd/io.systemd.MountFileSystem"],
] as const;

/** @throws {Failure} when the caller is not root */
export function requireRoot(verb: string, uid: number): void {
  if (uid === 0) return;
  const missing = ROOTLESS.filter(([, socket]) => !existsSync(socket)).map(([name]) => name);
  const why =
    missing.length > 0
      ? `without root it takes ${missing.join(" and ")}, which ${missing.length > 1 ? "do" : "does"} not run here`
      : "this version does not use systemd-nsresourced and systemd-mountfsd yet, which would do it without root";
  throw new Failure(`mkosi ${verb} makes a container, and you are not root: ${why}`, {
    remedy: `run it as root (sudo mkosi ${verb}), or start the image as a virtual machine: mkosi vm`,
  });
}

/** @throws {Failure} naming the setting and its place */
export function checkContainerSupported({ name, config, origin }: Image): void {
  if (config.format !== "directory" && config.format !== "disk") {
    throw new Failure(`image ${name} cannot be started in a container: its format is ${config.format}`, {
      origin: origin("format"),
      remedy: "build it as directory or disk",
    });
  }
  if (config.format === "disk" && config.compressOutput !== "none" && config.compressOutput !== null) {
    throw new Failure(`image ${name} is compressed, and a container cannot use it as its disk`, {
      origin: origin("compressOutput"),
      remedy: "build it with CompressOutput=no",
    });
  }
}
