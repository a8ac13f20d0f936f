// The values that settings have so far while configuration is read, with the place where each was set. Those from the
// command line and those from files are kept apart, since the command line wins whenever it comes.

import type { Origin } from "../report/failure.ts";
import { type Setting, type SettingKey, settings } from "../settings/index.ts";
import type { Change, ValueType } from "../settings/types/value.ts";

/** What was assigned to a setting. */
export interface Slot {
  /** Undefined after an empty assignment. */
  readonly value: unknown;
  /** Of a list or map one per element, else a single one. */
  readonly origins: readonly (Origin | undefined)[];
  /** Whether an empty assignment has ever been made to it. */
  readonly emptied: boolean;
  /** Whether it still has to be put into the order of its type, see settledSlot. */
  readonly unsorted?: boolean;
  /**
   * Where nobody but assign() has seen its list or map yet: there it may grow in place, since copying it for every line
   * of a long file takes the square of the lines.
   */
  readonly ownedBy?: Slots | undefined;
}

export type Slots = Map<SettingKey, Slot>;

export function rowOf(key: SettingKey): Setting {
  return settings[key];
}

export function typeOf(key: SettingKey): ValueType<unknown, unknown> {
  return rowOf(key).type;
}

/** The key under which the values of a setting are kept. */
export function targetOf(key: SettingKey): SettingKey {
  return (rowOf(key).into as SettingKey | undefined) ?? key;
}

/** Does what an assignment says. `originAt` gives the place of an offset in the assigned text. */
export function assign(
  slots: Slots,
  key: SettingKey,
  change: Change,
  originAt: (offset: number) => Origin | undefined,
): void {
  const target = targetOf(key);
  const old = slots.get(target);
  const emptied = old?.emptied ?? false;
  switch (change.type) {
    case "reset":
      slots.set(target, { value: undefined, origins: [originAt(0)], emptied: true });
      return;
    case "set":
      slots.set(target, { value: change.value, origins: [originAt(0)], emptied });
      return;
    case "append":
    case "replace": {
      const added = collect(change, originAt);
      const base = change.type === "append" && old?.value !== undefined ? old : undefined;
      if (base?.ownedBy === slots && grow(base, added)) return;
      const merged = base === undefined ? added : mergeSlots(base, added);
      slots.set(target, { ...merged, emptied, unsorted: typeOf(key).compare !== undefined, ownedBy: slots });
    }
  }
}

function collect(change: Extract<Change, { items: unknown }>, originAt: (offset: number) => Origin | undefined): Slot {
  const { items } = change;
  const keyed = items.some((item) => item.key !== undefined);
  if (!keyed)
    return {
      value: items.map((item) => item.value),
      origins: items.map((item) => originAt(item.offset)),
      emptied: false,
    };
  const entries = new Map(items.map((item) => [item.key ?? "", { value: item.value, origin: originAt(item.offset) }]));
  return {
    value: Object.fromEntries([...entries].map(([name, entry]) => [name, entry.value])),
    origins: [...entries.values()].map((entry) => entry.origin),
    emptied: false,
  };
}

/** Adds elements in place; false when it cannot be done: a name that is there already keeps its place in a map. */
function grow(slot: Slot, added: Slot): boolean {
  if (Array.isArray(slot.value) && Array.isArray(added.value)) for (const value of added.value) slot.value.push(value);
  else if (Array.isArray(slot.value) || Array.isArray(added.value)) return false;
  else {
    const entries = slot.value as Record<string, unknown>;
    for (const name in added.value as object) if (Object.hasOwn(entries, name) || name === "__proto__") return false;
    Object.assign(entries, added.value);
  }
  for (const origin of added.origins) (slot.origins as (Origin | undefined)[]).push(origin);
  return true;
}

/** The elements of the first, then those of the second; in a map the second's values win. */
export function mergeSlots(first: Slot, second: Slot): Slot {
  const emptied = first.emptied || second.emptied;
  if (Array.isArray(first.value) && Array.isArray(second.value)) {
    return { value: [...first.value, ...second.value], origins: [...first.origins, ...second.origins], emptied };
  }
  const [left, right] = [first.value ?? {}, second.value ?? {}];
  if (!Object.keys(right).some((name) => Object.hasOwn(left, name))) {
    return { value: { ...left, ...right }, origins: [...first.origins, ...second.origins], emptied };
  }
  const entries = new Map<string, { value: unknown; origin: Origin | undefined }>();
  for (const slot of [first, second]) {
    Object.entries(slot.value ?? {}).forEach(([name, value], index) => {
      entries.set(name, { value, origin: slot.origins[index] });
    });
  }
  return {
    value: Object.fromEntries([...entries].map(([name, entry]) => [name, entry.value])),
    origins: [...entries.values()].map((entry) => entry.origin),
    emptied,
  };
}

/** What was assigned, sorted if the type has an order: once for all that was added since it was last asked for. */
export function settledSlot(slots: Slots, key: SettingKey): Slot | undefined {
  const slot = slots.get(key);
  if (slot?.unsorted !== true && slot?.ownedBy === undefined) return slot;
  const sorted = slot.unsorted === true ? sortSlot(slot, typeOf(key)) : slot;
  const settled = { ...sorted, ownedBy: undefined };
  slots.set(key, settled);
  return settled;
}

function sortSlot(slot: Slot, { compare }: ValueType<unknown, unknown>): Slot {
  if (compare === undefined || !Array.isArray(slot.value)) return slot;
  const { value: list } = slot as { value: unknown[] };
  if (list.every((value, index) => index === 0 || compare(list[index - 1], value) <= 0)) return slot;
  const pairs = list.map((value, index) => ({ value, origin: slot.origins[index] }));
  pairs.sort((left, right) => compare(left.value, right.value));
  const [value, origins] = [pairs.map((pair) => pair.value), pairs.map((pair) => pair.origin)];
  return { ...slot, value, origins, unsorted: false };
}
