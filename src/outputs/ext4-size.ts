// Estimates how large an ext4 file system must be for a tree. systemd-repart's `Minimize=guess` finds that out by
// making the file system twice, which is most of the time that packing a disk takes; counting takes milliseconds.

import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

const BLOCK = 4096;
const MIB = 1024 * 1024;
/** mke2fs makes an inode of 256 bytes for each 16 KiB of the file system. */
const BYTES_PER_INODE = 16384;
const INODE_SIZE = 256;
/** Symbolic links up to this length are kept in the inode. */
const INLINE_LINK = 60;
/** Bytes of a directory entry besides the name, and what names are rounded up to. */
const ENTRY_HEADER = 8;
const ENTRY_ALIGNMENT = 4;
/** Journal by the file system's size, both in blocks, as mke2fs chooses it. */
const JOURNALS: readonly (readonly [number, number])[] = [
  [32768, 1024],
  [256 * 1024, 4096],
  [512 * 1024, 8192],
  [4096 * 1024, 16384],
  [8192 * 1024, 32768],
  [16384 * 1024, 65536],
  [32768 * 1024, 131072],
  [Number.POSITIVE_INFINITY, 262144],
];
/** Bitmaps, group descriptors with room for growth, blocks of extents and attributes. */
const OVERHEAD = 1.08;
/** For logs, keys and the like of a system that nobody gave a larger disk. */
const SPARE = 64 * MIB;

export interface Ext4Needs {
  /** Blocks of files, directories and long links. */
  readonly blocks: number;
  readonly inodes: number;
}

/**
 * The bytes that a file system for these needs should have, a multiple of 1 MiB: never too few, and with some room for
 * what a first boot writes.
 */
export function ext4Size({ blocks, inodes }: Ext4Needs): number {
  const forInodes = inodes * BYTES_PER_INODE * OVERHEAD;
  const perByte = 1 - INODE_SIZE / BYTES_PER_INODE;
  for (const [limit, journal] of JOURNALS) {
    const forBlocks = (((blocks + journal) * BLOCK) / perByte) * OVERHEAD + SPARE;
    const size = Math.ceil(Math.max(forBlocks, forInodes + SPARE) / MIB) * MIB;
    if (size / BLOCK < limit) return size;
  }
  throw new Error("the last journal has no limit");
}

/**
 * What a tree needs in an ext4 file system.
 * @param empty directories whose content is left out, relative to the root
 */
export function ext4Needs(root: string, empty: readonly string[]): Ext4Needs {
  const left = new Set(empty);
  const seen = new Set<string>();
  let [blocks, inodes] = [0, 16];
  const visit = (directory: string) => {
    const entries: Dirent[] = left.has(directory) ? [] : readdirSync(join(root, directory), { withFileTypes: true });
    let entryBytes = 2 * (ENTRY_HEADER + ENTRY_ALIGNMENT);
    inodes++;
    for (const entry of entries) {
      const path = join(directory, entry.name);
      const name = Buffer.byteLength(entry.name);
      entryBytes += ENTRY_HEADER + Math.ceil(name / ENTRY_ALIGNMENT) * ENTRY_ALIGNMENT;
      if (entry.isDirectory()) {
        visit(path);
        continue;
      }
      const status = lstatSync(join(root, path));
      const identity = `${status.dev}:${status.ino}`;
      if (status.nlink > 1 && seen.has(identity)) continue;
      if (status.nlink > 1) seen.add(identity);
      inodes++;
      if (entry.isFile() || (entry.isSymbolicLink() && status.size >= INLINE_LINK)) blocks += dataBlocks(status);
    }
    // A directory's blocks are never filled to the last byte.
    blocks += Math.ceil((entryBytes * 1.1) / BLOCK);
  };
  visit("");
  return { blocks, inodes };
}

/** Holes of large files take no room; smaller files are counted whole, whatever the tree's file system makes of them. */
function dataBlocks({ size, blocks }: { readonly size: number; readonly blocks: number }): number {
  const allocated = blocks * 512;
  return Math.ceil((size > 64 * MIB && allocated < size / 4 ? allocated * 2 : size) / BLOCK);
}
