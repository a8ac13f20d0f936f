// What `mkosi test` writes and reads: TAP, JUnit's XML, lines of the runner, the first line of a script.

import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { expectationsOf } from "../../../src/machines/testing/expectations.ts";
import { junitXml } from "../../../src/machines/testing/junit.ts";
import type { TestResult } from "../../../src/machines/testing/result.ts";
import { expectationsScript, testScript } from "../../../src/machines/testing/runner-script.ts";
import { newState, takeLine } from "../../../src/machines/testing/state.ts";
import { tapText } from "../../../src/machines/testing/tap.ts";
import { interpreterOf } from "../../../src/machines/testing/test-file.ts";
import { containerChannels, handedIn, machineChannels } from "../../../src/machines/testing/units.ts";
import { makeImage } from "../../support/image.ts";

const RESULTS: readonly TestResult[] = [
  { image: "main", name: "boot", verdict: "passed", seconds: 1.5 },
  {
    image: "main",
    name: "console:#1 <&>",
    verdict: "failed",
    seconds: 2,
    reason: 'not "it"',
    excerpt: "a\u0000\u001b[1mb\nc \ud800",
    logs: "/x",
  },
  { image: "other", name: "b.test", verdict: "skipped", seconds: 0, reason: "it ended with status 77" },
];

test("TAP", () => {
  expect(tapText(RESULTS)).toBe(`TAP version 14
1..3
ok 1 - main: boot
  ---
  duration_ms: 1500
  ...
not ok 2 - main: console:\\#1 <&>
  ---
  duration_ms: 2000
  message: "not \\"it\\""
  excerpt: "a\\u0000\\u001b[1mb\\nc \\ud800"
  logs: "/x"
  ...
ok 3 - other: b.test # SKIP it ended with status 77
  ---
  duration_ms: 0
  ...
`);
});

test("JUnit's XML is read by another program, whatever the console has printed", () => {
  const read = execFileSync(
    "python3",
    [
      "-c",
      `import sys, json, xml.etree.ElementTree as e
root = e.fromstring(sys.stdin.buffer.read())
print(json.dumps([root.attrib["tests"], [[s.attrib["name"], s.attrib["failures"], s.attrib["skipped"], [[c.attrib["name"], [[f.tag, f.attrib["message"], f.text] for f in c]] for c in s]] for s in root]]))`,
    ],
    { input: junitXml(RESULTS, new Date(0)), encoding: "utf8" },
  );
  expect(JSON.parse(read)).toEqual([
    "3",
    [
      [
        "main",
        "1",
        "0",
        [
          ["boot", []],
          ["console:#1 <&>", [["failure", 'not "it"', "a[1mb\nc \ufffd\nLogs: /x"]]],
        ],
      ],
      ["other", "0", "1", [["b.test", [["skipped", "it ended with status 77", null]]]]],
    ],
  ]);
});

test("lines of the runner", () => {
  const state = newState();
  for (const line of ["booted", "ok 1", "bad 2 it is failed", "ended exit-code exited 3", "nonsense", "done"])
    takeLine(state, line, 4);
  expect(state).toEqual({
    booted: 4,
    words: [],
    done: true,
    ended: { result: "exit-code", code: "exited", status: "3" },
    expectations: new Map([
      [1, { wrong: undefined, seconds: 4 }],
      [2, { wrong: "it is failed", seconds: 4 }],
    ]),
  });
});

test("the first line of a script is read as the kernel does", () => {
  const read = (text: string) => interpreterOf(Buffer.from(text));
  expect(read("#!/bin/sh\nx")).toEqual(["/bin/sh"]);
  expect(read("#! /usr/bin/env -S python3 -u \n")).toEqual(["/usr/bin/env", "-S python3 -u"]);
  expect(read("#!sh\n")).toBeUndefined();
  expect(read("echo\n")).toBeUndefined();
});

test("the scripts for the guest are shell", () => {
  const { config } = makeImage({
    testUnits: ["a@b\\x2d.service"],
    testPorts: ["22/tcp", "53/udp"],
    testConsole: ["x"],
  });
  const expectations = expectationsOf(config);
  expect(expectations.map(({ name }) => name)).toEqual([
    ...["boot", "unit:a@b\\x2d.service", "port:22/tcp", "port:53/udp", "console:x", "failed-units"],
  ]);
  const script = expectationsScript(expectations);
  expect(script).toContain("unit 1 'a@b\\x2d.service'\nport 2 tcp 0016 0A\nport 3 udp 0035 07\nfailed_units 5\n");
  for (const text of [script, testScript()]) execFileSync("sh", ["-n"], { input: text });
});

test("units: words of the interpreter are kept, and machines wait for their port", () => {
  const file = { name: "a%b.test", content: Buffer.from(""), interpreter: ["/bin/x", 'a "b" $c %d'] };
  const { units, credentials } = handedIn(machineChannels, "script", file);
  expect(units.get("mkosi-test.service")).toContain(
    'ExecStart="/bin/x" "a \\"b\\" $$c %%d" ${CREDENTIALS_DIRECTORY}/mkosi.test-script\n',
  );
  expect(units.get("mkosi-test-journal.service")).toContain("until [ -e /dev/virtio-ports/mkosi.journal ]");
  expect([...credentials.keys()]).toEqual(["mkosi.test-run", "mkosi.test-script"]);
  const own = { ...file, content: Buffer.from("[Service]\n"), interpreter: undefined };
  expect(handedIn(containerChannels, "script", own).units.get("mkosi-test.service")).toEqual(own.content);
});
