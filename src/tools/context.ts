// What a piece of work on one image is given: everything in `tools/` and above takes it instead of reaching for globals.

import type { Image } from "../config/project.ts";
import type { NodeReport } from "../report/events.ts";
import type { Runner, Toolbox } from "../sandbox/spec.ts";
import type { Derive } from "./derived.ts";

export interface ImageContext {
  /** The image's name, its settings, and where each was configured. */
  readonly image: Image;
  readonly runner: Runner;
  /** Where the programs come from: the host or the tools tree. */
  readonly toolbox: Toolbox;
  readonly report: NodeReport;
  /** Scratch directory of this image, on the workspace's file system; it is removed after the build. */
  readonly scratch: string;
}

/** An image's tree while it is worked on. */
export interface TreeContext extends ImageContext {
  /** The root directory of the image (an overlay mount), in our own mount namespace. */
  readonly root: string;
  readonly derive: Derive;
}

/** A tree that is being packed. */
export interface OutputContext extends TreeContext {
  /** Where finished artefacts are put before they are moved to the output directory as a whole. */
  readonly staging: string;
}
