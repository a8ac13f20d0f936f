// Expressions in Python's syntax find what Python finds.

import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePythonExpression, ExpressionError } from "../../src/formats/python-expression.ts";

describe("what is written otherwise in JavaScript", () => {
  test.each([
    ["(?P<x>a)(?P=x)", "aa", "ab"],
    ["\\Aab\\Z", "ab", "xab"],
    ["[]a]", "]", "b"],
    ["[^]a]", "b", "]"],
    ["^a{,2}$", "aa", "aaa"],
    ["^a{b}$", "a{b}", "ab"],
    ["a(?#comment)b", "ab", "ac"],
    ["(?i)EXT4", "ext4", "ext3"],
    ["\\_x\\-", "_x-", "x"],
    ["\\x41\\u0042\\103", "ABC", "abc"],
    ["(a)\\1", "aa", "ab"],
    ["^[\\w.+-]+$", "a.b-c+d", "a/b"],
    ["/virtio.*[.]ko", "/virtio_net.ko", "/virtio_net_ko"],
  ])("%s", (expression, found, other) => {
    expect(compilePythonExpression(expression).test(found)).toBe(true);
    expect(compilePythonExpression(expression).test(other)).toBe(false);
  });
});

test.each([
  ["*x", 0],
  ["a(", 0],
  ["ab[c", 2],
  ["a\\y", 1],
  ["a\\", 1],
  ["a(?>b)", 1],
  ["(?x) a b", 0],
  ["a{3,2}", 0],
])("%s is refused", (expression, offset) => {
  const refused = (): RegExp => compilePythonExpression(expression);
  expect(refused).toThrow(ExpressionError);
  try {
    refused();
  } catch (error) {
    expect((error as ExpressionError).offset).toBe(offset);
  }
});

const PYTHON = `
import json, re, sys
expressions, texts = json.load(sys.stdin)
def found(expression):
    try:
        compiled = re.compile(expression)
    except Exception:
        return None
    return [bool(compiled.search(text)) for text in texts]
json.dump([found(expression) for expression in expressions], sys.stdout)
`;

test("random expressions find what Python finds, or are refused", ({ skip }) => {
  const pieces = fc.constantFrom(...Array.from("ab.[]()^$*?{}|\\-dDsSAZ01,P<>=:!#i/_"));
  const expressions = fc.sample(
    fc.array(pieces, { maxLength: 9 }).map((chars) => chars.join("")),
    { numRuns: 3000, seed: 1 },
  );
  const texts = ["", "a", "b", "ab", "aab", "a.b", "-", "d", "0", "a0b", "]", "/_a"];
  const run = spawnSync("python3", ["-W", "ignore", "-c", PYTHON], {
    input: JSON.stringify([expressions, texts]),
    encoding: "utf8",
  });
  if (run.error !== undefined) skip("python3 is not here");
  const theirs = JSON.parse(run.stdout) as (boolean[] | null)[];
  let equal = 0;
  expressions.forEach((expression, index) => {
    let found: boolean[];
    try {
      const compiled = compilePythonExpression(expression);
      found = texts.map((text) => compiled.test(text));
    } catch (error) {
      expect(error).toBeInstanceOf(ExpressionError);
      return;
    }
    // JavaScript lets a group refer to itself
    if (theirs[index] === null) return;
    expect([expression, found]).toEqual([expression, theirs[index]]);
    equal++;
  });
  expect(equal).toBeGreaterThan(1500);
});
