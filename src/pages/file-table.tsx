// The table of all files, or of those that differ.

import { useMemo } from "preact/hooks";
import { visible } from "../report/visible.ts";
import { STATES } from "./data.ts";
import type { FileTree } from "./file-tree.ts";
import { type Column, Table } from "./table.tsx";
import { bytes, modeText, signedBytes } from "./text.ts";

interface FileColumn extends Column {
  text(row: number): string;
  key(row: number): string | number;
}

export function FileTable({
  tree,
  packageNames,
}: {
  readonly tree: FileTree;
  readonly packageNames: readonly string[];
}) {
  const columns = useMemo(() => columnsOf(tree, packageNames), [tree]);
  const searched = useMemo(() => {
    const known: string[] = [];
    return (row: number) => (known[row] ??= `${tree.path(row)} ${extraWords(tree, packageNames, row)}`.toLowerCase());
  }, [tree]);
  return (
    <Table
      title="Files"
      columns={columns}
      all={tree.listed}
      text={(row, column) => columns[column]?.text(row) ?? ""}
      sortKey={(row, column) => columns[column]?.key(row) ?? ""}
      searched={searched}
    />
  );
}

/** What a search finds besides the path. */
function extraWords({ columns }: FileTree, packageNames: readonly string[], row: number): string {
  const { change, packages } = columns;
  if (change !== undefined) return `${stateOf(change.states[row])} ${change.kinds[change.what[row] ?? 0] ?? ""}`;
  return packageNames[(packages[row] ?? 0) - 1] ?? "";
}

function stateOf(state: number | undefined): string {
  return STATES[(state ?? 0) - 1] ?? "";
}

function column(title: string, text: (row: number) => string, options: Partial<FileColumn> = {}): FileColumn {
  return { title, text: (row) => visible(text(row)), key: text, ...options };
}

function columnsOf(tree: FileTree, packageNames: readonly string[]): readonly FileColumn[] {
  const { sizes, modes, owned, owners, packages, types, change } = tree.columns;
  const size = (row: number) => sizes[row] ?? 0;
  const rest = [
    column("Mode", (row) => modeText(types[row] ?? "", modes[row] ?? 0), { isMinor: true }),
    column("Owner", (row) => owners[owned[row] ?? 0] ?? "", { isMinor: true }),
  ];
  if (change === undefined) {
    return [
      column("Path", tree.path, { isPath: true }),
      column("Size", (row) => (types[row] === "f" ? bytes(size(row)) : ""), { isNumber: true, key: size }),
      ...(packages.length === 0
        ? []
        : [column("Package", (row) => packageNames[(packages[row] ?? 0) - 1] ?? "", { isMinor: true })]),
      ...rest,
    ];
  }
  const growth = (row: number) => size(row) - (change.before[row] ?? 0);
  return [
    column("Change", (row) => stateOf(change.states[row])),
    column("Path", tree.path, { isPath: true }),
    column("Growth", (row) => (types[row] === "f" ? signedBytes(growth(row)) : ""), { isNumber: true, key: growth }),
    column("What", (row) => change.kinds[change.what[row] ?? 0] ?? "", { isMinor: true }),
    ...rest,
  ];
}
