// What the parts of a container are given.

import type { Image } from "../../config/project.ts";
import type { Runner, Toolbox } from "../../sandbox/spec.ts";

export interface ContainerContext {
  /** `boot`: the image's init system runs; `shell`: a shell or another command does. */
  readonly action: "boot" | "shell";
  readonly image: Image;
  readonly files: { readonly image: string };
  readonly runner: Runner;
  readonly toolbox: Toolbox;
  /** An empty directory of this container, in our own mount namespace or removed afterwards. */
  readonly directory: string;
  /** The project's directory: relative paths in arguments are meant from there. */
  readonly projectDirectory: string;
  /** What the user has written after the verb. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Receives what is printed on the container's console; undefined: the terminal is the console. */
  readonly onConsole?: (piece: Buffer) => void;
  /** Called when the container is started. */
  readonly onStart?: () => void;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
}
