// Files of an image, or what is different of them, as the columns that a page reads.

import { type FileColumns, STATES } from "../pages/data.ts";
import type { Entry } from "./contents.ts";
import type { Difference } from "./difference.ts";

const LETTERS: Readonly<Record<Entry["type"], string>> = {
  file: "f",
  directory: "d",
  link: "l",
  device: "v",
  fifo: "p",
  socket: "s",
};

/** @param owners of each path, the place of its package */
export function fileColumns(entries: readonly Entry[], owners: ReadonlyMap<string, number>): FileColumns {
  const columns = new Columns();
  const packages: number[] = [];
  for (const entry of entries) packages[columns.add(entry)] = (owners.get(entry.path) ?? -1) + 1;
  const count = columns.names.length;
  return {
    ...columns.done(),
    packages: owners.size === 0 ? [] : Array.from({ length: count }, (_, row) => packages[row] ?? 0),
  };
}

export function changeColumns({ added, removed, changed }: Difference["files"]): FileColumns {
  const all = [
    ...added.map((to) => ({ state: "added" as const, from: undefined, to, what: [] as readonly string[] })),
    ...removed.map((from) => ({ state: "removed" as const, from, to: undefined, what: [] as readonly string[] })),
    ...changed.map(({ from, to, what }) => ({ state: "changed" as const, from, to, what })),
  ].map((each) => ({ ...each, path: (each.to ?? each.from)?.path ?? "" }));
  const columns = new Columns();
  const [states, before, what]: [number[], number[], number[]] = [[], [], []];
  const kinds = new Dictionary();
  for (const change of all.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const entry = change.to ?? change.from;
    if (entry === undefined) continue;
    const row = columns.add({ ...entry, size: change.to?.size ?? 0 });
    states[row] = STATES.indexOf(change.state) + 1;
    before[row] = change.from?.size ?? 0;
    what[row] = kinds.row(change.what.join(", "));
  }
  const none = kinds.row("");
  const complete = (values: readonly number[], missing: number) =>
    Array.from(columns.names, (_, row) => values[row] ?? missing);
  return {
    ...columns.done(),
    packages: [],
    change: {
      states: complete(states, 0),
      before: complete(before, 0),
      what: complete(what, none),
      kinds: kinds.words,
    },
  };
}

/** Words that repeat, by numbers. */
class Dictionary {
  readonly words: string[] = [];
  readonly #rows = new Map<string, number>();

  row(word: string): number {
    const known = this.#rows.get(word);
    if (known !== undefined) return known;
    this.#rows.set(word, this.words.length);
    return this.words.push(word) - 1;
  }
}

class Columns {
  readonly names: string[] = [""];
  readonly #parents: number[] = [0];
  readonly #types: string[] = ["d"];
  readonly #sizes: number[] = [0];
  readonly #modes: number[] = [0];
  readonly #owned: number[] = [0];
  readonly #owners = new Dictionary();
  readonly #rows = new Map<string, number>([["", 0]]);

  constructor() {
    this.#owners.row("");
  }

  /** The entry's row. A directory that is not listed, as one between two file systems, gets one, too. */
  add({ path, type, size, mode, uid, gid }: Entry): number {
    const row = this.#row(path);
    this.#types[row] = LETTERS[type];
    this.#sizes[row] = size;
    this.#modes[row] = mode;
    this.#owned[row] = this.#owners.row(`${uid}:${gid}`);
    return row;
  }

  #row(path: string): number {
    const known = this.#rows.get(path);
    if (known !== undefined) return known;
    const end = path.lastIndexOf("/");
    const parent = this.#row(end < 0 ? "" : path.slice(0, end));
    const row = this.names.push(path.slice(end + 1)) - 1;
    this.#rows.set(path, row);
    this.#parents[row] = parent;
    this.#types[row] = "d";
    this.#sizes[row] = this.#modes[row] = this.#owned[row] = 0;
    return row;
  }

  done(): Omit<FileColumns, "packages"> {
    return {
      names: this.names,
      parents: this.#parents,
      types: this.#types.join(""),
      sizes: this.#sizes,
      modes: this.#modes,
      owned: this.#owned,
      owners: this.#owners.words,
    };
  }
}
