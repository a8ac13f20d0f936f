// One image while it is built: what every step is given.

import type { Distribution } from "../distributions/distribution.ts";
import type { PackageContext, PackageManager, PackageRequest } from "../package-managers/manager.ts";
import type { OutputContext } from "../tools/context.ts";
import type { Derive } from "../tools/derived.ts";
import type { ScriptOptions } from "./scripts/run.ts";

/** The image that Initrds=default stands for. */
export const DEFAULT_INITRD = "default-initrd";

/** A finished image. */
export interface ImageOutput {
  /** Where configurations find it: in the output directory, under the name of Output=. */
  readonly path: string;
  /** Where it is until it is published. */
  readonly staged: string;
  /** Changes when its content may; undefined where nobody keeps track of that (Incremental=no). */
  readonly key: string | undefined;
  /** Directories with packages that its scripts have made. */
  readonly packages: readonly string[];
}

/** What an image is built with, before there is a tree. */
export interface ImageBuild extends PackageContext {
  readonly distribution: Distribution;
  readonly derive: Derive;
  readonly packageManager: PackageManager;
  /** What the base system consists of, then what the configuration asks for. */
  readonly basePackages: readonly PackageRequest[];
  readonly packages: readonly PackageRequest[];
  /** What build scripts need; empty without build scripts. */
  readonly buildPackages: readonly PackageRequest[];
  readonly volatilePackages: readonly PackageRequest[];
  readonly scripts: ScriptOptions;
  /** The settings as JSON, for scripts. */
  readonly settingsJson: string;
  /** Tells that a script has read them. */
  noteSettings(): void;
  /** Tells that a script knows the image's name and whether --debug is given. */
  noteSurroundings(): void;
  /** Tells that a step sees what is in the build directory. */
  noteBuildDirectory(): void;
  /** What builds change in the directories of BuildSources=: it is no part of the sources. */
  notSources(path: string): boolean;
  /** The images, by their outputs, that lie among the sources and are there when this one is begun. */
  readonly outputsInSources: ReadonlyMap<string, string>;
  /** Paths that stand for the default initrd of this build in Initrds=; it lies elsewhere until it is published. */
  readonly defaultInitrd: readonly string[];
  /** The image of this build, among those that are built earlier, whose output is at this path. */
  makerOf(path: string): string | undefined;
  /** Waits for the output of another image of this build; undefined when there is no such image. */
  outputOf(imageName: string): Promise<ImageOutput | undefined>;
}

/** The same with the tree mounted at `root`. */
export interface StepContext extends ImageBuild, OutputContext {
  /** A directory of the step's layer for what it has found out; it is kept as long as the layer. */
  readonly notes: string;
  /** The same of the steps before, of those for the build overlay, too. */
  readonly earlier: readonly string[];
  /** The same, for who looks at nothing but what boot-artifacts.ts takes from them. */
  readonly artifacts: readonly string[];
  /** The directories of the base trees' layers, lowest first, … */
  readonly base: readonly string[];
  /** … and those of the image's own layers on top of them. */
  readonly own: readonly string[];
}
