// `mkosi burn DEVICE`: writes the image to a device, after building it where it is missing.

import { join } from "node:path";
import { projectToolbox } from "../build/toolbox.ts";
import { imageToRun } from "../config/image-to-run.ts";
import { type Image, outputDirectoryOf, type Project } from "../config/project.ts";
import { lockImageToRead } from "../machines/lock-image.ts";
import { freeBlockDevice } from "../outputs/burn/block-device.ts";
import { burn } from "../outputs/burn/burn.ts";
import { imageName, isCompressed } from "../outputs/names.ts";
import { nodeReport } from "../report/events.ts";
import { Failure } from "../report/failure.ts";
import { ensureBuilt } from "./build.ts";
import { withReport, workshopFor } from "./session.ts";
import type { Invocation, Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    const [device, ...others] = invocation.args.verbArguments;
    if (device === undefined || others.length > 0) {
      throw new Failure(`burn takes one device, and was given ${device === undefined ? "none" : others.length + 1}`, {
        remedy: "name the whole device: mkosi burn /dev/disk/by-id/usb-…",
      });
    }
    const { image } = invocation.args;
    checkBurnable(imageToRun(await invocation.project(), image));
    // A mistake is to be told before minutes of building.
    await freeBlockDevice(device);
    const project = await ensureBuilt(invocation, ["systemd-repart", "blockdev"]);
    checkBurnable(imageToRun(project, image)); // configure scripts may have changed it
    await write(invocation, project, device);
  },
};

/** @throws {Failure} */
function checkBurnable({ name, config, origin }: Image): void {
  if (config.format !== "disk" && config.format !== "esp") {
    throw new Failure(`image ${name} cannot be written to a device: its format is ${config.format}`, {
      origin: origin("format"),
      remedy: "build it as disk or esp",
    });
  }
  if (isCompressed(config)) {
    throw new Failure(`image ${name} is compressed, and a device is to hold the disk itself`, {
      origin: origin("compressOutput"),
      remedy: "build it with CompressOutput=no",
    });
  }
}

async function write(invocation: Invocation, project: Project, name: string): Promise<void> {
  await withReport(invocation, async (events) => {
    await using workshop = await workshopFor(invocation, project, events);
    const image = imageToRun(project, invocation.args.image);
    const time = () => Date.now();
    const node = "burn";
    const report = nodeReport(node, events, workshop.signal);
    const path = join(outputDirectoryOf(project, image), imageName(image.config));
    await using _lock = await lockImageToRead(path);
    events({ type: "node-started", node, time: time() });
    await burn({
      image: path,
      device: await freeBlockDevice(name),
      runner: workshop.runner(node),
      toolbox: await projectToolbox(workshop, project),
      report,
      signal: workshop.signal,
    });
    events({ type: "node-finished", node, time: time(), outcome: "done" });
    workshop.say(`${name} holds the image now`);
  });
}
