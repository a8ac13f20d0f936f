// What `mkosi inspect` finds out about an image: the form that it is printed, compared and drawn from.

import type { FileSystem } from "../formats/file-system.ts";
import type { InstalledPackage } from "../package-managers/manager.ts";
import type { Compression, Kind } from "./kind.ts";

export interface Partition {
  /** Number in the table, from 1; 0 when the whole file is one file system. */
  readonly number: number;
  readonly label: string;
  /** The name of its type (`esp`, `root-x86-64`), or its UUID. */
  readonly type: string;
  readonly uuid: string;
  /** Bytes. */
  readonly offset: number;
  readonly size: number;
  readonly fileSystem: FileSystem | undefined;
  /** Where its files are in the image's tree; undefined: they were not looked at. */
  readonly mountPoint: string | undefined;
}

/** An EFI program: a unified kernel image, an addon, a loader. */
export interface EfiProgram {
  /** In the image's tree; of a file that is one itself, its name. */
  readonly path: string;
  readonly kind: "uki" | "addon" | "kernel" | "other";
  /** Bytes. */
  readonly size: number;
  readonly sections: readonly { readonly name: string; readonly size: number }[];
  readonly kernelVersion?: string;
  readonly commandLine?: string;
  /** PRETTY_NAME of its os-release. */
  readonly system?: string;
  /** What each of its profiles is called. */
  readonly profiles: readonly string[];
  readonly initrd?: Initrd;
  /** Signed policies: banks, and which registers they are for. */
  readonly pcrSignatures: readonly { readonly bank: string; readonly pcrs: readonly number[] }[];
  /** Subjects of the certificates in its Authenticode signatures. */
  readonly signers: readonly string[];
}

export interface Initrd {
  readonly compression: Compression | undefined;
  /** Bytes that its files have when unpacked. */
  readonly size: number;
  readonly files: number;
}

/** One file, directory, link or device of the tree. */
export interface Entry {
  /** Without a leading slash; the root itself is not among them. */
  readonly path: string;
  readonly type: "file" | "directory" | "link" | "device" | "fifo" | "socket";
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes; 0 for what is no file, and for all names of a file but its first. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Of a link. */
  readonly target?: string;
  /** The path that has the content, of a further name of the same file. */
  readonly sameAs?: string;
}

export interface Contents {
  /** As it was asked for. */
  readonly path: string;
  readonly kind: Kind;
  readonly compression: Compression | undefined;
  /** Bytes of the file, or that a directory's files have. */
  readonly size: number;
  /** Of the partition table; undefined: there is none. */
  readonly sectorSize: number | undefined;
  readonly partitions: readonly Partition[];
  /** os-release, or the extension-release of an extension. */
  readonly release: Readonly<Record<string, string>>;
  readonly efi: readonly EfiProgram[];
  readonly packages: readonly InstalledPackage[];
  readonly units: { readonly default: string | undefined; readonly enabled: readonly string[] };
  /** By path. */
  readonly entries: readonly Entry[];
}
