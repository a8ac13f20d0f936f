// Which rows of a table are shown, and in which order. Nothing here touches a document.

/** @param column undefined: as they are */
export interface Order {
  readonly column: number | undefined;
  readonly descending: boolean;
}

export interface Rows {
  /** What is sorted and searched, by numbers of rows. */
  readonly all: readonly number[];
  sortKey(row: number, column: number): string | number;
  /** In lower case. */
  searched(row: number): string;
}

/** Rows that have every word of the query, in the order. */
export function arrange(
  { all, sortKey, searched }: Rows,
  query: string,
  { column, descending }: Order,
): readonly number[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length === 0 ? all : all.filter((row) => words.every((word) => searched(row).includes(word)));
  if (column === undefined) return found;
  const sign = descending ? -1 : 1;
  return found
    .map((row) => ({ row, by: sortKey(row, column) }))
    .sort((a, b) => (a.by === b.by ? a.row - b.row : a.by < b.by ? -sign : sign))
    .map(({ row }) => row);
}
