import fc from "fast-check";
import { expect, test } from "vitest";
import { layerKey } from "../../src/build/layers.ts";

test("a key does not depend on the order of object keys, but on every value and on the parent", () => {
  expect(layerKey([], { a: 1, b: [{ c: 2, d: 3 }] })).toBe(layerKey([], { b: [{ d: 3, c: 2 }], a: 1 }));
  expect(layerKey([], { a: 1 })).not.toBe(layerKey([], { a: 2 }));
  expect(layerKey([], [1, 2])).not.toBe(layerKey([], [2, 1]));
  expect(layerKey([{ key: "x", path: "/p" }], {})).not.toBe(layerKey([{ key: "y", path: "/p" }], {}));
});

test("where a layer lies is no part of the key", () => {
  expect(layerKey([{ key: "x", path: "/p" }], {})).toBe(layerKey([{ key: "x", path: "/q" }], {}));
});

test("different inputs have different keys", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const same = fc.stringify(sorted(a)) === fc.stringify(sorted(b));
      expect(layerKey([], a) === layerKey([], b)).toBe(same);
    }),
  );
});

/** The value as JSON sees it, with sorted keys. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return ["array", ...value.map(sorted)];
  if (value === null || typeof value !== "object") return Object.is(value, -0) ? 0 : value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return ["object", ...entries.map(([key, entry]) => [key, sorted(entry)])];
}
