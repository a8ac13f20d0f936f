// Where the bytes are: a rectangle for each package or each thing in a directory, as large as it is. What has something in it opens.

import { hierarchy, treemap } from "d3-hierarchy";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { visible } from "../report/visible.ts";
import { type FileTree, packageSizes, totalsOf } from "./file-tree.ts";
import { bytes, signedBytes } from "./text.ts";

interface Tile {
  readonly key: string;
  readonly name: string;
  /** Bytes: the area. */
  readonly weight: number;
  readonly size: string;
  /** Degrees on the wheel of colours. */
  readonly hue: number;
  readonly open?: () => void;
}

/** Where one is: a package (undefined: all files; "all": the list of packages), and a directory of its files. */
interface Place {
  readonly owner: number | "all" | undefined;
  readonly row: number;
}

/** More are too small to be read. */
const MOST = 60;

export function Treemap({ tree, packageNames }: { readonly tree: FileTree; readonly packageNames: readonly string[] }) {
  const { columns } = tree;
  const hasPackages = columns.packages.length > 0;
  const [place, setPlace] = useState<Place>({ owner: undefined, row: 0 });
  const heading = useRef<HTMLParagraphElement>(null);
  const moved = useRef(false);
  const owner = typeof place.owner === "number" ? place.owner : undefined;
  const totals = useMemo(() => totalsOf(columns, owner), [columns, owner]);
  const go = (next: Place) => {
    moved.current = true;
    setPlace(next);
  };
  // What was pressed is gone: whoever has no mouse goes on from the heading.
  useEffect(() => {
    if (moved.current) heading.current?.focus();
  }, [place]);
  const ownerName = (each: number) => (each === 0 ? "(no package)" : visible(packageNames[each - 1] ?? ""));
  const tiles = useMemo(() => {
    if (place.owner === "all") {
      return [...packageSizes(columns, packageNames.length)].map(
        (weight, each): Tile => ({
          ...{ key: `p${each}`, name: ownerName(each), weight, size: bytes(weight), hue: hueOf(ownerName(each)) },
          open: () => go({ owner: each, row: 0 }),
        }),
      );
    }
    return tree.children(place.row).map((row): Tile => {
      const [weight, net] = [totals.weight[row] ?? 0, totals.net[row] ?? 0];
      const name = visible(columns.names[row] ?? "");
      const isDirectory = columns.types[row] === "d";
      const tile = {
        ...{ key: `f${row}`, name: isDirectory ? `${name}/` : name, weight },
        size: columns.change === undefined ? bytes(weight) : signedBytes(net),
        hue: columns.change === undefined ? hueOf(name) : net > 0 ? 140 : net < 0 ? 5 : 45,
      };
      return isDirectory ? { ...tile, open: () => go({ ...place, row }) } : tile;
    });
  }, [place, totals]);
  const up: Place | undefined =
    place.row !== 0
      ? { ...place, row: columns.parents[place.row] ?? 0 }
      : owner === undefined
        ? undefined
        : { owner: "all", row: 0 };
  const sum = tiles.reduce((all, { weight }) => all + weight, 0);
  return (
    <section
      id="sizes"
      aria-label="Sizes"
      onKeyDown={(event) => {
        if (up === undefined || (event.key !== "Escape" && event.key !== "Backspace")) return;
        event.preventDefault();
        go(up);
      }}
    >
      <div class="head">
        <h2>{columns.change === undefined ? "Sizes" : "Growth"}</h2>
        {hasPackages && (
          <div class="choice" role="group" aria-label="Sizes by">
            <Choice
              on={place.owner === undefined}
              name="By folder"
              choose={() => setPlace({ owner: undefined, row: 0 })}
            />
            <Choice
              on={place.owner !== undefined}
              name="By package"
              choose={() => setPlace({ owner: "all", row: 0 })}
            />
          </div>
        )}
      </div>
      <p class="way" tabIndex={-1} ref={heading}>
        <Way
          steps={[
            ...(place.owner === undefined ? [] : [{ name: "packages", to: { owner: "all" as const, row: 0 } }]),
            ...(place.owner === "all"
              ? []
              : [{ name: owner === undefined ? "/" : ownerName(owner), to: { ...place, row: 0 } }]),
            ...ancestors(columns.parents, place.row).map((row) => ({
              name: visible(columns.names[row] ?? ""),
              to: { ...place, row },
            })),
          ]}
          go={go}
        />
        <span class="sum">{columns.change === undefined ? bytes(sum) : signedBytes(totals.net[place.row] ?? 0)}</span>
      </p>
      <Tiles tiles={tiles} sum={sum} />
    </section>
  );
}

function Choice({ on, name, choose }: { readonly on: boolean; readonly name: string; readonly choose: () => void }) {
  return (
    <button type="button" aria-pressed={on} onClick={choose}>
      {name}
    </button>
  );
}

interface Step {
  readonly name: string;
  readonly to: Place;
}

function Way({ steps, go }: { readonly steps: readonly Step[]; readonly go: (place: Place) => void }) {
  return (
    <>
      {steps.map(({ name, to }, index) =>
        index === steps.length - 1 ? (
          <b key={index} aria-current="location">
            {name}
          </b>
        ) : (
          <span key={index}>
            <button type="button" onClick={() => go(to)}>
              {name}
            </button>
            <span aria-hidden="true"> › </span>
          </span>
        ),
      )}
    </>
  );
}

function Tiles({ tiles, sum }: { readonly tiles: readonly Tile[]; readonly sum: number }) {
  const [width, setWidth] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const height = width < 600 ? 420 : 460;
  const leaves = useMemo(() => {
    const root = hierarchy<{ readonly tile?: Tile; readonly children?: readonly { readonly tile: Tile }[] }>(
      { children: largest(tiles).map((tile) => ({ tile })) },
      ({ children }) => children,
    ).sum(({ tile }) => tile?.weight ?? 0);
    return treemap<typeof root.data>().size([width, height]).paddingInner(2).round(true)(root).leaves();
  }, [tiles, width, height]);
  return (
    <div class="tiles" ref={box} style={{ height: `${height}px` }}>
      {sum === 0 && <p>Nothing here takes room.</p>}
      {width > 0 &&
        sum > 0 &&
        leaves.map(({ data: { tile }, x0, x1, y0, y1 }) => {
          if (tile === undefined) return null;
          const share = `${((100 * tile.weight) / sum).toFixed(1)} %`;
          const style = {
            ...{ left: `${x0}px`, top: `${y0}px`, width: `${x1 - x0}px`, height: `${y1 - y0}px` },
            "--hue": String(tile.hue),
          };
          const label = `${tile.name}, ${tile.size}, ${share}`;
          const content = x1 - x0 > 44 && y1 - y0 > 34 && (
            <>
              <span>{tile.name}</span>
              <small>{tile.size}</small>
            </>
          );
          return tile.open === undefined ? (
            <div key={tile.key} class="tile" role="img" aria-label={label} title={label} style={style}>
              {content}
            </div>
          ) : (
            <button
              key={tile.key}
              type="button"
              class="tile"
              aria-label={label}
              title={label}
              style={style}
              onClick={tile.open}
            >
              {content}
            </button>
          );
        })}
    </div>
  );
}

/** Those that can be seen, and one for all others. */
function largest(tiles: readonly Tile[]): readonly Tile[] {
  const sorted = tiles.filter(({ weight }) => weight > 0).toSorted((a, b) => b.weight - a.weight);
  const others = sorted.slice(MOST);
  if (others.length === 0) return sorted;
  const weight = others.reduce((sum, tile) => sum + tile.weight, 0);
  return [
    ...sorted.slice(0, MOST),
    { key: "others", name: `${others.length} smaller ones`, weight, size: bytes(weight), hue: 220 },
  ];
}

function hueOf(name: string): number {
  let hash = 7;
  for (let at = 0; at < name.length; at++) hash = (hash * 31 + name.charCodeAt(at)) % 360;
  return hash;
}

function ancestors(parents: readonly number[], row: number): readonly number[] {
  const found: number[] = [];
  for (let at = row; at !== 0; at = parents[at] ?? 0) found.unshift(at);
  return found;
}
