// The page of `mkosi inspect --html` and `mkosi diff --html`: what runs in the browser begins here.

import { render } from "preact";
import { visible } from "../report/visible.ts";
import type { PageData, TextTable } from "./data.ts";
import { FileTable } from "./file-table.tsx";
import { fileTree } from "./file-tree.ts";
import "./main.css";
import { PartitionMap } from "./partitions.tsx";
import { anchor, Table } from "./table.tsx";
import { bytes } from "./text.ts";
import { Treemap } from "./treemap.tsx";

const data = JSON.parse(document.getElementById("data")?.textContent ?? "") as PageData;
const tree = fileTree(data.files);
const tables = data.tables.filter(({ rows }) => rows.length > 0);
const [packages, others] = [
  tables.filter(({ title }) => title === "Packages"),
  tables.filter(({ title }) => title !== "Packages"),
];

function Page() {
  const hasFiles = tree.listed.length > 0;
  const sections = [
    ...(data.partitions.length > 0 ? ["Partitions"] : []),
    ...(hasFiles ? ["Sizes"] : []),
    ...packages.map(({ title }) => title),
    ...(hasFiles ? ["Files"] : []),
    ...others.map(({ title }) => title),
  ];
  return (
    <>
      <header>
        <h1>{visible(data.title)}</h1>
        <dl class="facts">
          {data.facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{visible(value)}</dd>
            </div>
          ))}
        </dl>
        <nav aria-label="Sections">
          {sections.map((title) => (
            <a key={title} href={`#${anchor(title)}`}>
              {title}
            </a>
          ))}
        </nav>
      </header>
      <main>
        {sections.length === 0 && (
          <p>{data.kind === "diff" ? "There are no differences." : "There is nothing in it."}</p>
        )}
        {data.partitions.length > 0 && <PartitionMap partitions={data.partitions} />}
        {hasFiles && <Treemap tree={tree} packageNames={data.packageNames} />}
        {packages.map((table) => (
          <Plain key={table.title} table={table} />
        ))}
        {hasFiles && <FileTable tree={tree} packageNames={data.packageNames} />}
        {others.map((table) => (
          <Plain key={table.title} table={table} />
        ))}
      </main>
    </>
  );
}

const plainRows = new Map(tables.map((table) => [table, table.rows.map((_, row) => row)]));

function Plain({ table }: { readonly table: TextTable }) {
  const { title, columns, rows } = table;
  const cell = (row: number, column: number) => rows[row]?.[column] ?? "";
  return (
    <Table
      title={title}
      columns={columns.map((name, column) => ({
        title: name,
        isNumber: typeof cell(0, column) === "number",
        isMinor: name === "Architecture" || name === "Says",
      }))}
      all={plainRows.get(table) ?? []}
      text={(row, column) => {
        const value = cell(row, column);
        return typeof value === "number" ? bytes(value) : visible(value);
      }}
      sortKey={cell}
      searched={(row) =>
        rows[row]
          ?.filter((value) => typeof value === "string")
          .join(" ")
          .toLowerCase() ?? ""
      }
    />
  );
}

const place = document.getElementById("page");
if (place !== null) render(<Page />, place);
