import { expect, test } from "vitest";
import { type GraphNode, runGraph } from "../../src/build/graph.ts";

const never = () => {};

function recorder() {
  const order: string[] = [];
  const node = (name: string, dependencies: string[] = [], run?: () => Promise<void>): GraphNode => ({
    name,
    dependencies,
    run: async () => {
      order.push(`+${name}`);
      await (run?.() ?? new Promise((resolve) => setImmediate(resolve)));
      order.push(`-${name}`);
    },
  });
  return { order, node };
}

test("a node starts after those it depends on, others side by side", async () => {
  const { order, node } = recorder();
  await runGraph([node("main", ["base"]), node("base"), node("initrd")], never);
  expect(order.slice(0, 2).toSorted()).toEqual(["+base", "+initrd"]);
  expect(order.indexOf("+main")).toBeGreaterThan(order.indexOf("-base"));
  expect(order).toHaveLength(6);
});

test("each node runs once, however many depend on it", async () => {
  const { order, node } = recorder();
  await runGraph([node("a", ["c"]), node("b", ["c"]), node("c")], never);
  expect(order.filter((entry) => entry === "+c")).toHaveLength(1);
});

test("the first failure is thrown after the others have ended, and dependents never start", async () => {
  const { order, node } = recorder();
  let reason: unknown;
  let release: () => void = never;
  const slow = node("slow", [], () => new Promise((resolve) => void (release = resolve)));
  const bad = node("bad", [], async () => {
    throw new Error("no space");
  });
  const run = runGraph([slow, bad, node("after", ["bad"])], (given) => {
    reason = given;
    release();
  });
  await expect(run).rejects.toThrow("no space");
  expect(reason).toMatchObject({ message: "no space" });
  expect(order).toContain("-slow");
  expect(order).not.toContain("+after");
});

test("a dependency that is not part of the build is no hindrance", async () => {
  const { order, node } = recorder();
  await runGraph([node("main", ["elsewhere"])], never);
  expect(order).toEqual(["+main", "-main"]);
});
