// What steps have read, kept from build to build: beside each layer's key the inputs that led to it. A step whose inputs
// are as in one of its traces need not run. (Mokhov, Mitchell, Peyton Jones: Build systems à la carte, 2018, call this
// a constructive trace.)

import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory } from "../../report/directories.ts";
import { writeWhole } from "../../report/whole-file.ts";
import type { Inputs, Reads } from "./fingerprints.ts";
import { keyOf } from "./key.ts";

export interface Trace {
  /** The key of what the step has made. */
  readonly key: string;
  /** The image that it was made for. */
  readonly image: string;
  readonly reads: Reads;
  /** Where in the tree below it has looked (Step.looksAt); without it, everywhere. */
  readonly looksAt?: readonly string[] | undefined;
}

/** One place of a pipeline: a step on top of given layers. */
export interface Position {
  /** The key of the layer below; empty at the start. */
  readonly below: string;
  /** The step's title. */
  readonly step: string;
}

export interface Traces {
  /**
   * Where the step has run before on the same inputs: what that has made, it would make again.
   * @param isThere says whether what a key stands for is still there; without, that does not count
   */
  find(position: Position, inputs: Inputs, isThere?: (key: string) => boolean): Promise<Trace | undefined>;
  /** All traces of a position, the latest first. */
  all(position: Position): Promise<readonly Trace[]>;
  add(position: Position, trace: Trace): Promise<void>;
}

/** The key of what a trace leads to, by the name of its file. */
export function keyOfTrace(name: string): string {
  return name.split(/[-.]/, 1)[0] ?? "";
}

/** Traces in a directory; it is made when the first is added. */
export function openTraces(directory: string): Traces {
  const placeOf = ({ below, step }: Position) => join(directory, keyOf([below, step]));

  async function all(position: Position): Promise<readonly Trace[]> {
    const place = placeOf(position);
    const names = (await readdir(place).catch(() => [])).filter((name) => name.endsWith(".json"));
    const dated = await Promise.all(
      names.map(async (name) => {
        const path = join(place, name);
        return { path, time: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 };
      }),
    );
    const traces = await Promise.all(
      dated.toSorted((left, right) => right.time - left.time).map(({ path }) => readTrace(path)),
    );
    return traces.filter((trace) => trace !== undefined);
  }

  return {
    all,
    async find(position, inputs, isThere = () => true) {
      for (const trace of await all(position))
        if (isThere(trace.key) && (await holds(trace.reads, inputs))) return trace;
      return undefined;
    },
    async add(position, trace) {
      const place = placeOf(position);
      makeDirectory(place);
      // Above its place, where what a killed build has left is looked for.
      const name = `${trace.key}-${keyOf(trace.reads).slice(0, 8)}.json`;
      await writeWhole(join(place, name), JSON.stringify(trace), { directory });
    },
  };
}

async function holds(reads: Reads, inputs: Inputs): Promise<boolean> {
  for (const [name, fingerprint] of Object.entries(reads))
    if ((await inputs.fingerprint(name)) !== fingerprint) return false;
  return true;
}

/** One that a power cut has left in pieces, or that another version wrote, is as good as none. */
async function readTrace(path: string): Promise<Trace | undefined> {
  try {
    const trace = JSON.parse(await readFile(path, "utf8")) as Partial<Trace>;
    const hasReads = typeof trace.reads === "object" && trace.reads !== null;
    return typeof trace.key === "string" && hasReads ? (trace as Trace) : undefined;
  } catch {
    return undefined;
  }
}
