// Tells from its first bytes which file system (or swap area, LUKS or verity data) a partition has, and how full it is. Read from
// superblocks directly, so that it takes neither root nor tools. Follows the kernel's Documentation/filesystems and on-disk headers.

export interface FileSystem {
  /** As blkid(8) calls them: `ext4`, `vfat`, `erofs`, `squashfs`, `btrfs`, `xfs`, `f2fs`, `iso9660`, `swap`, `crypto_LUKS`, `DM_verity_hash`. */
  readonly type: string;
  /** Empty when it has none. */
  readonly label: string;
  readonly uuid?: string;
  /** Bytes that it spans. */
  readonly size?: number;
  /** Bytes of them that are in use. */
  readonly used?: number;
}

/** Reads bytes of the partition; what lies behind its end is left out. */
export type ReadAt = (offset: number, length: number) => Promise<Buffer>;

interface Format {
  /** Where its superblock is and how many bytes of it are looked at. */
  readonly offset: number;
  readonly length: number;
  /** Undefined when it is not of this format. */
  parse(block: Buffer, read: ReadAt): FileSystem | undefined | Promise<FileSystem | undefined>;
}

const FORMATS: readonly Format[] = [
  { offset: 0, length: 208, parse: luks },
  { offset: 0, length: 104, parse: verity },
  { offset: 0, length: 96, parse: squashfs },
  { offset: 0, length: 264, parse: xfs },
  { offset: 1024, length: 1024, parse: ext },
  { offset: 1024, length: 128, parse: erofs },
  { offset: 1024, length: 128, parse: f2fs },
  { offset: 65536, length: 1024, parse: btrfs },
  { offset: 0, length: 4096, parse: swap },
  { offset: 32768, length: 128, parse: iso9660 },
  // The last one, since others may begin with a boot sector.
  { offset: 0, length: 512, parse: fat },
];

/** What a partition has. Undefined when it is nothing that is known here. */
export async function readFileSystem(read: ReadAt): Promise<FileSystem | undefined> {
  for (const { offset, length, parse } of FORMATS) {
    const block = await read(offset, length);
    const found = block.length < length ? undefined : await parse(block, read);
    if (found !== undefined) return found;
  }
  return undefined;
}

const text = (block: Buffer, offset: number, length: number) =>
  block
    .toString("latin1", offset, offset + length)
    .replace(/\0.*$/s, "")
    .trimEnd();

function uuid(block: Buffer, offset: number): string {
  const hex = block.toString("hex", offset, offset + 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function ext(block: Buffer): FileSystem | undefined {
  if (block.readUInt16LE(0x38) !== 0xef53) return undefined;
  const [hasJournal, incompatible] = [(block.readUInt32LE(0x5c) & 0x4) !== 0, block.readUInt32LE(0x60)];
  const high = (offset: number) => ((incompatible & 0x80) === 0 ? 0 : block.readUInt32LE(offset) * 2 ** 32);
  const blockSize = 1024 * 2 ** block.readUInt32LE(0x18);
  const blocks = block.readUInt32LE(0x4) + high(0x150);
  const free = block.readUInt32LE(0xc) + high(0x158);
  const hasExtents = (incompatible & 0x40) !== 0;
  return {
    type: hasExtents ? "ext4" : hasJournal ? "ext3" : "ext2",
    label: text(block, 0x78, 16),
    uuid: uuid(block, 0x68),
    size: blocks * blockSize,
    used: Math.max(0, blocks - free) * blockSize,
  };
}

function erofs(block: Buffer): FileSystem | undefined {
  if (block.readUInt32LE(0) !== 0xe0f5e1e2) return undefined;
  const size = block.readUInt32LE(36) * 2 ** (block[12] ?? 0);
  return { type: "erofs", label: text(block, 64, 16), uuid: uuid(block, 48), size, used: size };
}

function squashfs(block: Buffer): FileSystem | undefined {
  if (block.toString("latin1", 0, 4) !== "hsqs") return undefined;
  const size = Number(block.readBigUInt64LE(40));
  return { type: "squashfs", label: "", size, used: size };
}

function xfs(block: Buffer): FileSystem | undefined {
  if (block.toString("latin1", 0, 4) !== "XFSB") return undefined;
  const blockSize = block.readUInt32BE(4);
  const [blocks, free] = [Number(block.readBigUInt64BE(8)), Number(block.readBigUInt64BE(144))];
  return {
    type: "xfs",
    label: text(block, 108, 12),
    uuid: uuid(block, 32),
    size: blocks * blockSize,
    used: Math.max(0, blocks - free) * blockSize,
  };
}

function btrfs(block: Buffer): FileSystem | undefined {
  if (block.toString("latin1", 64, 72) !== "_BHRfS_M") return undefined;
  return {
    type: "btrfs",
    label: text(block, 0x12b, 256),
    uuid: uuid(block, 32),
    size: Number(block.readBigUInt64LE(112)),
    used: Number(block.readBigUInt64LE(120)),
  };
}

function f2fs(block: Buffer): FileSystem | undefined {
  return block.readUInt32LE(0) === 0xf2f52010 ? { type: "f2fs", label: "", uuid: uuid(block, 108) } : undefined;
}

function luks(block: Buffer): FileSystem | undefined {
  if (block.toString("latin1", 0, 6) !== "LUKS\xba\xbe") return undefined;
  const label = block.readUInt16BE(6) === 2 ? text(block, 24, 48) : "";
  return { type: "crypto_LUKS", label, uuid: text(block, 168, 40) };
}

function verity(block: Buffer): FileSystem | undefined {
  if (block.toString("latin1", 0, 8) !== "verity\0\0") return undefined;
  return { type: "DM_verity_hash", label: "", uuid: uuid(block, 16) };
}

function swap(block: Buffer): FileSystem | undefined {
  if (block.toString("latin1", 4086, 4096) !== "SWAPSPACE2") return undefined;
  return { type: "swap", label: text(block, 1052, 16), uuid: uuid(block, 1036) };
}

function iso9660(block: Buffer): FileSystem | undefined {
  return block.toString("latin1", 1, 6) === "CD001" ? { type: "iso9660", label: text(block, 40, 32) } : undefined;
}

/** FAT12, FAT16 and FAT32: how many clusters there are decides which (Microsoft's FAT specification, section 3.5). */
async function fat(block: Buffer, read: ReadAt): Promise<FileSystem | undefined> {
  const [sector, clusterSectors] = [block.readUInt16LE(11), block[13] ?? 0];
  const isPower = (value: number) => value > 0 && (value & (value - 1)) === 0;
  if (block.readUInt16LE(510) !== 0xaa55 || !isPower(sector) || sector < 512 || !isPower(clusterSectors))
    return undefined;
  const [reserved, copies, rootEntries] = [block.readUInt16LE(14), block[16] ?? 0, block.readUInt16LE(17)];
  if (reserved === 0 || copies === 0) return undefined;
  const small = block.readUInt16LE(22);
  const fatSectors = small === 0 ? block.readUInt32LE(36) : small;
  const sectors = block.readUInt16LE(19) || block.readUInt32LE(32);
  const data = sectors - reserved - copies * fatSectors - Math.ceil((rootEntries * 32) / sector);
  const clusters = Math.floor(data / clusterSectors);
  if (fatSectors === 0 || clusters < 1) return undefined;
  const at = small === 0 ? 67 : 39;
  const serial = block.readUInt32LE(at).toString(16).toUpperCase().padStart(8, "0");
  const taken = takenClusters(await read(reserved * sector, fatSectors * sector), clusters);
  const label = text(block, at + 4, 11);
  return {
    type: "vfat",
    label: label === "NO NAME" ? "" : label,
    uuid: `${serial.slice(0, 4)}-${serial.slice(4)}`,
    size: sectors * sector,
    used: (sectors - data + taken * clusterSectors) * sector,
  };
}

/** The first two entries of a table stand for no cluster. */
function takenClusters(table: Buffer, clusters: number): number {
  const width = clusters < 4085 ? 12 : clusters < 65525 ? 16 : 32;
  let taken = 0;
  for (let index = 2; index < clusters + 2; index++) {
    const at = Math.floor((index * width) / 8);
    if (at + (width === 32 ? 4 : 2) > table.length) break;
    const pair = width === 32 ? table.readUInt32LE(at) & 0x0fffffff : table.readUInt16LE(at);
    const entry = width !== 12 ? pair : index % 2 === 0 ? pair & 0xfff : pair >> 4;
    if (entry !== 0) taken += 1;
  }
  return taken;
}
