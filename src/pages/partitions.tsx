// The partitions of a disk as they lie on it, with how full they are.

import { useState } from "preact/hooks";
import { visible } from "../report/visible.ts";
import type { PartitionRow } from "./data.ts";
import { bytes } from "./text.ts";

export function PartitionMap({ partitions }: { readonly partitions: readonly PartitionRow[] }) {
  const [chosen, setChosen] = useState(0);
  const shown = partitions[chosen];
  return (
    <section id="partitions" aria-label="Partitions">
      <div class="head">
        <h2>
          Partitions <small>{partitions.length}</small>
        </h2>
      </div>
      <div class="map" role="group" aria-label="Partition map">
        {partitions.map((partition, index) => {
          const { number, type, size, used, capacity } = partition;
          const full = used === undefined || capacity === undefined || capacity === 0 ? 0 : (100 * used) / capacity;
          return (
            <button
              key={number}
              type="button"
              class="partition"
              aria-pressed={index === chosen}
              aria-label={`Partition ${number}, ${visible(type)}, ${bytes(size)}`}
              style={{ flexGrow: String(size), "--full": `${full}%`, "--hue": String((number * 67 + 180) % 360) }}
              onClick={() => setChosen(index)}
            >
              <span>{visible(type)}</span>
              <small>{bytes(size)}</small>
            </button>
          );
        })}
      </div>
      {shown !== undefined && <Details partition={shown} />}
    </section>
  );
}

function Details({ partition }: { readonly partition: PartitionRow }) {
  const { number, type, label, offset, size, fileSystem, used, capacity, mountPoint } = partition;
  const facts: readonly (readonly [string, string])[] = [
    ["Number", String(number)],
    ["Type", type],
    ["Label", label],
    ["Begins at", bytes(offset)],
    ["Size", bytes(size)],
    ["File system", fileSystem],
    ["In use", used === undefined ? "" : `${bytes(used)} of ${bytes(capacity ?? size)}`],
    ["Mounted at", mountPoint],
  ];
  return (
    <dl class="facts" aria-live="polite">
      {facts
        .filter(([, value]) => value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{visible(value)}</dd>
          </div>
        ))}
    </dl>
  );
}
