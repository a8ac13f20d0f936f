// The local mirror for the tests of one block: started before them, closed after them, and as it was after each.

import { afterAll, afterEach, beforeAll } from "vitest";
import { type Mirror, startMirror } from "./mirror.ts";

/** How long (milliseconds) making the mirror may take where it is not there yet. */
const MAKING = 600_000;

/** To be called in a block of tests, which may use the result. */
export function withMirror(): Mirror {
  let mirror: Mirror | undefined;
  beforeAll(async () => {
    mirror = await startMirror();
  }, MAKING);
  afterEach(() => {
    mirror?.faults();
    mirror?.forget();
  });
  afterAll(async () => await mirror?.close());
  return new Proxy({} as Mirror, {
    get(_, key) {
      if (mirror === undefined) throw new Error("the mirror is there while tests run only");
      return Reflect.get(mirror, key) as unknown;
    },
  });
}
