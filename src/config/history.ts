// What happened while an image's configuration was read, in its order: which files were read and why, which were left
// out, what was assigned. `mkosi explain` tells it.

import type { Origin } from "../report/failure.ts";
import type { SettingKey } from "../settings/index.ts";
import type { Change } from "../settings/types/value.ts";

export type HistoryEvent =
  | {
      readonly type: "assigned";
      readonly key: SettingKey;
      /** The setting's name or the option as it was written. */
      readonly name: string;
      readonly text: string;
      readonly effect: "sets" | "adds" | "replaces" | "empties";
      /** Whether it stands in local configuration, which beats other files. */
      readonly local?: boolean;
      readonly origin: Origin;
    }
  | {
      readonly type: "read";
      readonly path: string;
      /** The conditions that held, of several triggers only those. */
      readonly conditions: readonly string[];
    }
  | {
      readonly type: "skipped";
      readonly path: string;
      /** The condition that does not hold; undefined when none of several triggers does. */
      readonly condition: string | undefined;
      readonly section: string;
      readonly origin: Origin;
    };

const EFFECTS = { set: "sets", append: "adds", replace: "replaces", reset: "empties" } as const;

export function assignedEvent(
  key: SettingKey,
  name: string,
  text: string,
  change: Change,
  origin: Origin,
): HistoryEvent {
  return { type: "assigned", key, name, text, effect: EFFECTS[change.type], origin };
}

/** Marks the assignments from an index on as those of local configuration. */
export function markLocal(history: HistoryEvent[], from: number): void {
  for (let index = from; index < history.length; index++) {
    const event = history[index];
    if (event?.type === "assigned") history[index] = { ...event, local: true };
  }
}
