// Writes a disk image to a device: systemd-repart copies the partitions and makes a partition table for the device's
// size and sectors, with its copy at the very end. Then everything is read back from the medium and compared.

import { type FileHandle, open, stat } from "node:fs/promises";
import { type Gpt, type GptPartition, hasBackupGpt, readGpt } from "../../formats/gpt.ts";
import type { NodeReport } from "../../report/events.ts";
import { Failure } from "../../report/failure.ts";
import { formatBytes } from "../../report/quantity.ts";
import { bindReadOnly, type Runner, type Toolbox } from "../../sandbox/spec.ts";
import type { BlockDevice } from "./block-device.ts";

export interface BurnContext {
  /** The disk image. */
  readonly image: string;
  readonly device: BlockDevice;
  readonly runner: Runner;
  readonly toolbox: Toolbox;
  readonly report: NodeReport;
  readonly signal: AbortSignal;
}

const IMAGE = "/image";
const CHUNK = 4 * 1024 * 1024;
const LOOK_MS = 500;

/** @throws {Failure} when the device is too small, or holds something else afterwards {CommandFailure} */
export async function burn(context: BurnContext): Promise<void> {
  const { image, device, report } = context;
  const gpt = await readGpt(image);
  if (gpt === undefined) {
    throw new Failure(`${image} has no partition table that could be written to a device`, {
      remedy: "build it again: mkosi -f",
    });
  }
  const { size } = await stat(image);
  if (size > device.size) {
    throw new Failure(`${image} takes ${formatBytes(size)}, and ${device.path} has only ${formatBytes(device.size)}`, {
      remedy: "use a larger one, or make the image smaller (SizeMinBytes= of its partitions, OutputSize=)",
    });
  }
  await report.phase(`Writing to ${device.path}`, () => write(context, gpt));
  await report.phase(`Reading ${device.path} back`, () => verify(context, gpt));
}

async function write({ image, device, runner, toolbox, report }: BurnContext, gpt: Gpt): Promise<void> {
  const all = bytesOf(gpt);
  const before = await device.written();
  const timer = setInterval(() => {
    const tell = (now: number) => report.progress(`${formatBytes(Math.min(now - before, all))} of ${formatBytes(all)}`);
    void device.written().then(tell, () => {});
  }, LOOK_MS);
  const run = async (...argv: string[]) =>
    await runner.run({
      argv,
      base: { kind: "tools", toolbox },
      mounts: [bindReadOnly(image, IMAGE)],
      devices: [device.path],
      // It is to be on the medium.
      suppressSync: false,
    });
  try {
    await run(
      ...["systemd-repart", "--no-pager", "--pretty=no", "--offline=yes", "--dry-run=no", "--empty=force"],
      // Nothing is added to what the image has.
      ...["--definitions=/var/empty", `--copy-from=${IMAGE}`, device.path],
    );
    // What is read back then comes from the medium.
    await run("blockdev", "--flushbufs", device.path);
  } finally {
    clearInterval(timer);
  }
}

async function verify({ image, device, report, signal }: BurnContext, wanted: Gpt): Promise<void> {
  const written = await readGpt(device.path);
  if (written === undefined) throw wrong(device, "it has no partition table");
  if (written.sectorSize !== device.sectorSize) throw wrong(device, "its partition table is for other sectors");
  if (!(await hasBackupGpt(device.path, device.size, device.sectorSize)))
    throw wrong(device, "the copy of the partition table is not at its end");
  if (written.partitions.length !== wanted.partitions.length) throw wrong(device, "partitions are missing");
  await using source = await open(image);
  await using target = await open(device.path);
  const all = bytesOf(wanted);
  let done = 0;
  for (const [index, partition] of wanted.partitions.entries()) {
    const copy = written.partitions[index] as GptPartition;
    const same = (["type", "uuid", "label"] as const).every((key) => copy[key] === partition[key]);
    if (!same || copy.size < partition.size) throw wrong(device, `partition ${partition.number} is another one`);
    for (let offset = 0; offset < partition.size; offset += CHUNK) {
      signal.throwIfAborted();
      const length = Math.min(CHUNK, partition.size - offset);
      const [left, right] = await Promise.all([
        readAt(source, partition.offset + offset, length),
        readAt(target, copy.offset + offset, length),
      ]);
      if (!left.equals(right))
        throw wrong(device, `partition ${partition.number} (${partition.label}) is not the image's`);
      done += length;
      report.progress(`${formatBytes(done)} of ${formatBytes(all)}`);
    }
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function bytesOf({ partitions }: Gpt): number {
  return partitions.reduce((sum, { size }) => sum + size, 0);
}

function wrong({ path }: BlockDevice, what: string): Failure {
  return new Failure(`${path} does not hold what was written to it: ${what}`, {
    remedy: "use another medium: this one is broken, smaller than it says, or somebody else writes to it",
  });
}
