// What a build has got to: the finished steps of each image with their layers, and the step that has failed. `mkosi debug`
// goes back to them.

import { Failure } from "../report/failure.ts";
import { CommandFailure } from "../sandbox/spawn.ts";
import type { SandboxSpec } from "../sandbox/spec.ts";
import { keyOf } from "./store/key.ts";
import type { Layer, Stack } from "./store/layers.ts";

export interface FinishedStep {
  readonly title: string;
  readonly layer: Layer;
}

export interface ImageProgress {
  readonly image: string;
  /** The layers of BaseTrees=. */
  readonly base: Stack;
  readonly steps: readonly FinishedStep[];
}

export interface FailedStep {
  readonly image: string;
  readonly step: string;
  /** The program that has failed, as programOf() names it; undefined when it was none. */
  readonly program?: string | undefined;
  /** Its command line, when that is the project's: of a script. */
  readonly script?: readonly string[] | undefined;
}

export interface BuildProgress {
  readonly images: readonly ImageProgress[];
  /** The first one. */
  readonly failed?: FailedStep | undefined;
}

export interface ProgressRecorder {
  begin(image: string, base: Stack): void;
  finished(image: string, step: FinishedStep): void;
  failed(image: string, step: string, error: unknown): void;
  read(): BuildProgress;
}

export function recordProgress(): ProgressRecorder {
  const images = new Map<string, { readonly base: Stack; readonly steps: FinishedStep[] }>();
  let failed: FailedStep | undefined;
  return {
    begin: (image, base) => void images.set(image, { base, steps: [] }),
    finished: (image, step) => void images.get(image)?.steps.push(step),
    failed(image, step, error) {
      const program = commandFailureIn(error)?.spec;
      failed ??= {
        ...{ image, step },
        program: program && programOf(program),
        script: program !== undefined && isScript(program) ? program.argv : undefined,
      };
    },
    read: () => ({ images: [...images].map(([image, progress]) => ({ image, ...progress })), failed }),
  };
}

/** Names a program that is run: by its command line, and by the file of the host that it is, if it is one. */
export function programOf({ argv, mounts = [] }: SandboxSpec): string {
  const file = mounts.find(({ type, target }) => type === "bind" && target === argv[0]);
  return keyOf([argv, file?.type === "bind" ? file.source : ""]);
}

/** Whether a program is a script of the project. */
export function isScript({ argv, mounts = [] }: SandboxSpec): boolean {
  return argv[0]?.startsWith("/work/") === true && mounts.some(({ target }) => target === argv[0]);
}

function commandFailureIn(error: unknown): CommandFailure | undefined {
  for (let each = error; each instanceof Failure; each = each.details.cause)
    if (each instanceof CommandFailure) return each;
  return undefined;
}
