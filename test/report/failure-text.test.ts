// What a person reads when something goes wrong.

import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { Failure } from "../../src/report/failure.ts";
import { defectText, failureText } from "../../src/report/failure-text.ts";
import { styleFor } from "../../src/report/style.ts";

const origin = { kind: "file", path: "mkosi.conf", line: 3, column: 10 } as const;

test("message, origin, excerpt, remedy and log, in this order", () => {
  const failure = new Failure("there is no package “foo”", {
    origin,
    excerpt: "E: Unable to locate package foo\n",
    remedy: "check the spelling",
    log: "/home/u/.cache/mkosi/logs/1.log",
  });
  expect(failureText(failure)).toBe(
    [
      "error: there is no package “foo”",
      "  at: mkosi.conf:3:10",
      "  | E: Unable to locate package foo",
      "  help: check the spelling",
      "  log: /home/u/.cache/mkosi/logs/1.log",
    ].join("\n"),
  );
});

test("what a terminal would obey is shown, not sent", () => {
  const text = failureText(
    new Failure("“\x1b]0;pwn\x07” is odd", {
      origin: { ...origin, path: "a\x1b[2J.conf" },
      excerpt: "\x1b[31mred\x1b[0m\x9b\u202e",
      remedy: "remove \r",
    }),
  );
  expect(text.split("\n")).toEqual([
    "error: “\\x1b]0;pwn\\x07” is odd",
    "  at: a\\x1b[2J.conf:3:10",
    expect.stringMatching(/^ {2}\| [^\x1b\x9b\u202e]*$/),
    "  help: remove \\x0d",
  ]);
});

test("only what is known", () => {
  expect(failureText(new Failure("no"))).toBe("error: no");
});

test("a failure without an excerpt shows its cause's", () => {
  const tool = new Failure("apt-get ended with status 100", { excerpt: "E: no space" });
  expect(failureText(new Failure("packages cannot be installed", { cause: tool }))).toBe(
    "error: packages cannot be installed\n  | E: no space",
  );
});

test("colours change nothing but colours", () => {
  const failure = new Failure("no", { origin, excerpt: "x", remedy: "y", log: "z" });
  const coloured = failureText(failure, styleFor({ isTTY: true }, {}));
  expect(coloured).not.toBe(failureText(failure));
  expect(stripVTControlCharacters(coloured)).toBe(failureText(failure));
});

test.each([
  [{ isTTY: true }, { NO_COLOR: "1" }],
  [{ isTTY: true }, { TERM: "dumb" }],
  [{ isTTY: false }, {}],
])("no colours on %o with %o", (stream, env) => {
  expect(styleFor(stream, env)("error", "x")).toBe("x");
});

test("a defect asks for a report and shows its stack", () => {
  const text = defectText(new TypeError("x is undefined"), "/log");
  expect(text).toMatch(/^internal error: .*\n {2}TypeError: x is undefined\n {6}at /);
  expect(text).toMatch(/report it with the lines above and the log\n {2}log: \/log$/);
});
