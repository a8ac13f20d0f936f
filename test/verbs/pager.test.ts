// Which pager the environment asks for.

import { expect, test } from "vitest";
import { pagerCommand } from "../../src/verbs/pager.ts";

test.for([
  [{}, undefined],
  [{ PAGER: "most" }, "most"],
  [{ PAGER: "most", MANPAGER: "less -s" }, "less -s"],
  [{ PAGER: "most", MANPAGER: "" }, "most"],
  [{ PAGER: "cat" }, ""],
  [{ PAGER: " " }, ""],
  [{ PAGER: "" }, ""],
  [{ TERM: "dumb" }, ""],
  [{ TERM: "dumb", PAGER: "most" }, "most"],
] as const)("%j: %s", ([environment, expected]) => {
  expect(pagerCommand(environment)).toBe(expected);
});
