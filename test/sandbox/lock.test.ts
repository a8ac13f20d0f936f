import { join } from "node:path";
import { expect, test } from "vitest";
import { takeLock, tryLock, withLock } from "../../src/sandbox/lock.ts";
import { makeDirectory } from "../support/tree.ts";

const path = () => join(makeDirectory(), "sub/lock");

test("a held lock is not given twice, and is free again when released", async () => {
  const file = path();
  const lock = await takeLock(file);
  expect(await tryLock(file)).toBeUndefined();
  await lock[Symbol.asyncDispose]();
  const again = await tryLock(file);
  expect(again).toBeDefined();
  await again?.[Symbol.asyncDispose]();
});

test("who waits is told so, and goes on when the lock is free", async () => {
  const file = path();
  const order: string[] = [];
  const lock = await takeLock(file);
  const second = withLock(file, async () => void order.push("second"), { onWait: () => order.push("waiting") });
  await expect.poll(() => order).toEqual(["waiting"]);
  order.push("first");
  await lock[Symbol.asyncDispose]();
  await second;
  expect(order).toEqual(["waiting", "first", "second"]);
});

test("waiting ends when the signal aborts", async () => {
  const file = path();
  await using _lock = await takeLock(file);
  const abort = new AbortController();
  const waiting = takeLock(file, { signal: abort.signal, onWait: () => abort.abort(new Error("stop")) });
  await expect(waiting).rejects.toThrow("stop");
});
