// How what images consist of is called, on a terminal and on a page.

import type { Contents, EfiProgram } from "./contents.ts";
import type { Kind } from "./kind.ts";

const KINDS: Readonly<Record<Kind, string>> = {
  directory: "directory tree",
  oci: "OCI image",
  disk: "disk image",
  "file-system": "file system image",
  tar: "tar archive",
  cpio: "cpio archive",
  uki: "unified kernel image",
  addon: "addon of unified kernel images",
  efi: "EFI program",
};

/** `disk image, compressed by zstd`. */
export function kindText({ kind, compression }: Pick<Contents, "kind" | "compression">): string {
  return `${KINDS[kind]}${compression === undefined ? "" : `, compressed by ${compression}`}`;
}

/** `sha256:11, sha256:11+12`. */
export function pcrText({ pcrSignatures }: Pick<EfiProgram, "pcrSignatures">): string {
  return [...new Set(pcrSignatures.map(({ bank, pcrs }) => `${bank}:${pcrs.join("+")}`))].join(", ");
}

/** What the system calls itself. */
export function systemName({ release }: Pick<Contents, "release">): string | undefined {
  return release["PRETTY_NAME"] ?? release["NAME"] ?? release["ID"];
}
