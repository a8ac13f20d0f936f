// What stands in a page as JSON: the program writes it (inspect/), the page's code reads it. Nothing here touches a document.

/** How something differs between two images: 0 not at all, else an index of these names plus one. */
export const STATES = ["added", "removed", "changed"] as const;

/**
 * All files as columns, so that 100,000 of them stay small: a name stands once, and its directory is a row of the same
 * columns. Row 0 is the root, without a name.
 */
export interface FileColumns {
  readonly names: readonly string[];
  /** Rows of the directories; a directory stands before what is in it. */
  readonly parents: readonly number[];
  /** `f` file, `d` directory, `l` link, `v` device, `p` fifo, `s` socket; a letter each. */
  readonly types: string;
  /** Bytes; in a comparison those of the newer image, 0 when it is gone. */
  readonly sizes: readonly number[];
  /** Permission bits. */
  readonly modes: readonly number[];
  /** Rows of `owners`. */
  readonly owned: readonly number[];
  /** `uid:gid`. */
  readonly owners: readonly string[];
  /** Packages' rows plus one; 0: no package has it. Empty when that is not known, as in a comparison. */
  readonly packages: readonly number[];
  /** Of a comparison only. */
  readonly change?: {
    readonly states: readonly number[];
    /** Bytes in the older image. */
    readonly before: readonly number[];
    /** Rows of `kinds`. */
    readonly what: readonly number[];
    readonly kinds: readonly string[];
  };
}

export interface PartitionRow {
  readonly number: number;
  readonly type: string;
  readonly label: string;
  /** Bytes. */
  readonly offset: number;
  readonly size: number;
  readonly fileSystem: string;
  /** Bytes of `capacity` that are in use. */
  readonly used?: number;
  readonly capacity?: number;
  readonly mountPoint: string;
}

/** A table of text: what is searched and sorted. */
export interface TextTable {
  readonly title: string;
  readonly columns: readonly string[];
  /** Cells of numbers are bytes. */
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface PageData {
  readonly kind: "inspect" | "diff";
  readonly title: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly partitions: readonly PartitionRow[];
  /** Names of packages, in the order that `FileColumns.packages` counts. */
  readonly packageNames: readonly string[];
  readonly files: FileColumns;
  readonly tables: readonly TextTable[];
}
