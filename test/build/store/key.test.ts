import fc from "fast-check";
import { expect, test } from "vitest";
import { keyOf } from "../../../src/build/store/key.ts";

test("a key does not depend on the order of object keys, but on every value", () => {
  expect(keyOf({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(keyOf({ b: [{ d: 3, c: 2 }], a: 1 }));
  expect(keyOf({ a: 1 })).not.toBe(keyOf({ a: 2 }));
  expect(keyOf([1, 2])).not.toBe(keyOf([2, 1]));
});

test("different inputs have different keys", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const same = fc.stringify(sorted(a)) === fc.stringify(sorted(b));
      expect(keyOf(a) === keyOf(b)).toBe(same);
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
