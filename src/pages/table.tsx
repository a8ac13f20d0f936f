// A table that can be searched and sorted. Of many rows only those are in the document that are in view.

import { useMemo, useRef, useState } from "preact/hooks";
import { arrange, type Order, type Rows } from "./order.ts";

export interface Column {
  readonly title: string;
  /** Numbers: to the right, and the largest first. */
  readonly isNumber?: boolean;
  /** Left out where there is little room. */
  readonly isMinor?: boolean;
  readonly isPath?: boolean;
}

export interface TableProps extends Rows {
  readonly title: string;
  readonly columns: readonly Column[];
  text(row: number, column: number): string;
  readonly order?: Order;
}

/** Pixels of a row where not all are in the document; main.css has the same. */
const HEIGHT = 30;
const MANY = 200;
/** Rows above and below what is in view. */
const MARGIN = 15;

export function Table(props: TableProps) {
  const { title, columns, all, text } = props;
  const [query, setQuery] = useState("");
  const [order, setOrder] = useState<Order>(props.order ?? { column: undefined, descending: false });
  const [top, setTop] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => arrange(props, query, order), [all, query, order]);
  const many = all.length > MANY;
  const first = many ? Math.max(0, Math.min(Math.floor(top / HEIGHT), rows.length) - MARGIN) : 0;
  const shown = many ? rows.slice(first, first + 2 * MARGIN + 25) : rows;
  const toTop = () => {
    if (box.current !== null) box.current.scrollTop = 0;
    setTop(0);
  };
  const sortBy = (column: number) => {
    setOrder((before) => ({
      column,
      descending: before.column === column ? !before.descending : columns[column]?.isNumber === true,
    }));
    toTop();
  };
  const count = rows.length === all.length ? `${all.length}` : `${rows.length} of ${all.length}`;
  return (
    <section id={anchor(title)} aria-label={title}>
      <div class="head">
        <h2>
          {title}{" "}
          <small role="status" aria-live="polite">
            {count}
          </small>
        </h2>
        <input
          type="search"
          placeholder="Search"
          aria-label={`Search ${title}`}
          value={query}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            toTop();
          }}
        />
      </div>
      <div
        class={many ? "rows many" : "rows"}
        ref={box}
        tabIndex={0}
        role="region"
        aria-label={`${title}, table`}
        onScroll={many ? (event) => setTop(event.currentTarget.scrollTop) : undefined}
      >
        <table aria-rowcount={rows.length + 1}>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map((column, index) => (
                <th
                  key={column.title}
                  scope="col"
                  class={classOf(column)}
                  aria-sort={order.column === index ? (order.descending ? "descending" : "ascending") : "none"}
                >
                  <button type="button" onClick={() => sortBy(index)}>
                    {column.title}
                    <span aria-hidden="true">{order.column === index ? (order.descending ? " ▾" : " ▴") : ""}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <Space rows={first} />
            {shown.map((row, index) => (
              <tr key={row} aria-rowindex={first + index + 2}>
                {columns.map((column, place) => (
                  <td key={column.title} class={classOf(column)} title={many ? text(row, place) : undefined}>
                    <bdi>{text(row, place)}</bdi>
                  </td>
                ))}
              </tr>
            ))}
            <Space rows={rows.length - first - shown.length} />
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Room of rows that are not in the document. */
function Space({ rows }: { readonly rows: number }) {
  if (rows <= 0) return null;
  return (
    <tr aria-hidden="true" class="space">
      <td style={{ height: `${rows * HEIGHT}px` }} />
    </tr>
  );
}

function classOf({ isNumber, isMinor, isPath }: Column): string {
  const classes = { number: isNumber, minor: isMinor, path: isPath };
  return Object.entries(classes)
    .flatMap(([name, has]) => (has === true ? [name] : []))
    .join(" ");
}

/** What a link to the section names. */
export function anchor(title: string): string {
  return title.toLowerCase().replaceAll(" ", "-");
}
