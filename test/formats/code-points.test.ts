// The order of texts is that of their bytes in UTF-8.

import fc from "fast-check";
import { expect, test } from "vitest";
import { compareCodePoints } from "../../src/formats/code-points.ts";

const name = fc.string({ unit: fc.constantFrom("a", "b", "\ud7ff", "\ue000", "\uffee", "\u{10000}", "\u{1f600}") });

test("any two texts are ordered as their bytes are", () => {
  fc.assert(
    fc.property(name, name, (left, right) => {
      const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right));
      expect(Math.sign(compareCodePoints(left, right))).toBe(bytes);
    }),
  );
});
