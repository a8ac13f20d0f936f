// Build order of images.

import fc from "fast-check";
import { expect, test } from "vitest";
import { buildOrder } from "../../src/config/order.ts";

const image = (name: string, ...dependencies: string[]) => ({ name, dependencies });
const names = (result: ReturnType<typeof buildOrder>): unknown =>
  result.kind === "ordered" ? result.images.map((each) => each.name) : result;

test("dependencies come first, others keep their order", () => {
  expect(names(buildOrder([image("a", "c"), image("b"), image("c"), image("d")], ["a", "b", "d"]))).toEqual([
    "c",
    "b",
    "d",
    "a",
  ]);
});

test("only what is wanted", () => {
  expect(names(buildOrder([image("a", "c"), image("b"), image("c")], ["a"]))).toEqual(["c", "a"]);
});

test("a circle is named", () => {
  const result = buildOrder([image("x", "a"), image("a", "b"), image("b", "c"), image("c", "a")], ["x"]);
  expect(result).toEqual({ kind: "cycle", names: ["a", "b", "c", "a"] });
});

test("an image that depends on itself", () => {
  expect(buildOrder([image("a", "a")], ["a"])).toEqual({ kind: "cycle", names: ["a", "a"] });
});

test("what is missing, and who asked for it", () => {
  expect(buildOrder([image("a", "z")], ["a"])).toEqual({ kind: "missing", missing: [{ name: "z", by: "a" }] });
  expect(buildOrder([], ["z"])).toEqual({ kind: "missing", missing: [{ name: "z", by: undefined }] });
});

test("any graph: an order that holds, or a circle", () => {
  const graph = fc.array(fc.array(fc.nat(7), { maxLength: 3 }), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(graph, (edges) => {
      const images = edges.map((targets, index) => image(String(index), ...targets.map(String)));
      const result = buildOrder(
        images,
        images.map((each) => each.name),
      );
      if (result.kind === "ordered") {
        const order = result.images.map((each) => each.name);
        for (const each of result.images)
          for (const before of each.dependencies) expect(order.indexOf(before)).toBeLessThan(order.indexOf(each.name));
      } else {
        expect(result.kind).toBe("cycle");
        if (result.kind === "cycle") expect(result.names[0]).toBe(result.names.at(-1));
      }
    }),
  );
});
