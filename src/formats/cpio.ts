// Reads cpio archives in the "newc" format, which the kernel unpacks as initrd: to look into one without unpacking it.
// Follows Documentation/driver-api/early-userspace/buffer-format.rst of the kernel.

export interface CpioEntry {
  /** Without a leading `./` or `/`. */
  readonly path: string;
  /** File type and permissions as in stat(2). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  readonly inode: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly data: Buffer;
}

const HEADER_SIZE = 110;
const FIELD_SIZE = 8;
const MAGIC = new Set(["070701", "070702"]);
const TRAILER = "TRAILER!!!";

/**
 * Lists the entries of an uncompressed archive, or of several that follow each other with zeros in between.
 * @throws {Error} when the data is no such archive, or ends in the middle of one
 */
export function* readCpio(data: Buffer): Generator<CpioEntry> {
  let at = 0;
  while (at < data.length) {
    if (data[at] === 0) {
      at++;
      continue;
    }
    const magic = data.toString("latin1", at, at + 6);
    if (!MAGIC.has(magic)) throw new Error(`not a newc archive: ${JSON.stringify(magic)} at byte ${at}`);
    const field = (index: number) => {
      const start = at + 6 + index * FIELD_SIZE;
      return Number.parseInt(data.toString("latin1", start, start + FIELD_SIZE), 16);
    };
    const [size, nameSize] = [field(6), field(11)];
    const content = align(at + HEADER_SIZE + nameSize);
    const end = content + size;
    if (!(end <= data.length)) throw new Error(`the archive ends in the middle of the entry at byte ${at}`);
    const path = data.toString("utf8", at + HEADER_SIZE, at + HEADER_SIZE + nameSize - 1);
    if (path !== TRAILER) {
      const [inode, mode, uid, gid, links, mtime] = [field(0), field(1), field(2), field(3), field(4), field(5)];
      yield {
        path: path.replace(/^\.?\/+/, ""),
        mode,
        uid,
        gid,
        links,
        inode,
        mtime,
        data: data.subarray(content, end),
      };
    }
    at = align(end);
  }
}

function align(position: number): number {
  return (position + 3) & ~3;
}
