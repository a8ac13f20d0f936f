// A block device that is to be written over: what it is, how large, and that nobody uses it.

import { constants } from "node:fs";
import { open, readdir, readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../report/failure.ts";

/** Sizes in sysfs are in these units, whatever the device has. */
const SECTOR = 512;

export interface BlockDevice {
  /** Without links. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes of a logical sector. */
  readonly sectorSize: number;
  /** Bytes that were written to it since the machine has known it. */
  written(): Promise<number>;
}

/**
 * Looks at a device, and makes sure that it is a whole one that nobody uses and this user may write to.
 * @throws {Failure} saying what it is instead
 */
export async function freeBlockDevice(name: string): Promise<BlockDevice> {
  const path = await realpath(name).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === "ENOENT"
      ? new Failure(`there is no device ${name}`, { remedy: "see what there is with: lsblk --paths" })
      : new Failure(`${name} cannot be looked at: ${cause.message}`, { cause });
  });
  const status = await stat(path);
  if (!status.isBlockDevice()) {
    throw new Failure(`${name} is not a block device`, {
      remedy: "name the device of a disk or stick: /dev/disk/by-id/…, or /dev/sdx (lsblk --paths lists them)",
    });
  }
  const numbers = `${major(status.rdev)}:${minor(status.rdev)}`;
  const directory = join("/sys/dev/block", numbers);
  const attribute = async (file: string) => (await readFile(join(directory, file), "utf8")).trim();
  if ((await attribute("partition").catch(() => undefined)) !== undefined) {
    const whole = (await realpath(join(directory, ".."))).split("/").at(-1);
    throw new Failure(`${name} is a partition, and an image has a partition table of its own`, {
      remedy: `name the whole device: /dev/${whole}`,
    });
  }
  if ((await attribute("ro")) === "1") {
    throw new Failure(`${name} cannot be written to: it is read-only`, {
      remedy: "look for a switch on the medium, or use another one",
    });
  }
  await requireFree(name, path, [numbers, ...(await partitionsOf(directory))]);
  return {
    path,
    size: Number(await attribute("size")) * SECTOR,
    sectorSize: Number(await attribute("queue/logical_block_size")),
    written: async () => Number((await attribute("stat")).split(/\s+/)[6] ?? 0) * SECTOR,
  };
}

/** The numbers of a disk's partitions, `MAJOR:MINOR`. */
async function partitionsOf(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  const numbers = names.map(async (name) =>
    (await readFile(join(directory, name, "partition"), "utf8").catch(() => "")) === ""
      ? []
      : [(await readFile(join(directory, name, "dev"), "utf8")).trim()],
  );
  return (await Promise.all(numbers)).flat();
}

/** For a device O_EXCL means: only if no file system, swap space, volume or array has it or one of its partitions. */
async function requireFree(name: string, path: string, numbers: readonly string[]): Promise<void> {
  try {
    const device = await open(path, constants.O_RDWR | constants.O_EXCL);
    await device.close();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM") {
      throw new Failure(`you may not write to ${name}`, { remedy: "run it as root: sudo mkosi burn", cause });
    }
    if (code !== "EBUSY") throw new Failure(`${name} cannot be opened: ${message}`, { cause });
    const places = await mountedAt(numbers);
    throw new Failure(
      places.length === 0
        ? `${name} is in use: as swap space, by a volume or an array, or mounted elsewhere`
        : `${name} is mounted at ${places.join(", ")}`,
      { remedy: places.length === 0 ? `see who has it with: lsblk ${path}` : `umount ${places.join(" ")}`, cause },
    );
  }
}

/** Where devices are mounted, by the file of proc_pid_mountinfo(5). */
async function mountedAt(numbers: readonly string[]): Promise<string[]> {
  const lines = (await readFile("/proc/self/mountinfo", "utf8")).split("\n").map((line) => line.split(" "));
  const places = lines.filter((fields) => numbers.includes(fields[2] ?? "")).map((fields) => fields[4] ?? "");
  return [...new Set(places)].map((place) =>
    place.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8))),
  );
}

/** As glibc's gnu_dev_major(3) and gnu_dev_minor(3) take them apart. */
function major(device: number): number {
  const number = BigInt(device);
  return Number(((number >> 8n) & 0xfffn) | ((number >> 32n) & 0xfffff000n));
}

function minor(device: number): number {
  const number = BigInt(device);
  return Number((number & 0xffn) | ((number >> 12n) & 0xffffff00n));
}
