// Which tests there are, which are chosen, and what is refused.

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Image, Project } from "../../../src/config/project.ts";
import { planTests, testNames } from "../../../src/machines/testing/plan.ts";
import { readTests } from "../../../src/machines/testing/test-file.ts";
import { timeLimit } from "../../../src/machines/testing/watch.ts";
import type { Config } from "../../../src/settings/index.ts";
import { makeImage } from "../../support/image.ts";
import { makeProject } from "../../support/project.ts";

function projectOf(...images: readonly Image[]): Project {
  return { directory: "/project", images, tools: undefined } as unknown as Project;
}

const plan = (project: Project, tests: readonly string[] = [], uid = 0, image?: string) =>
  planTests(project, { tests, uid, image });

const main = (config: Partial<Config>) => makeImage({ format: "directory", ...config });

test("without configuration the main image is booted; other images only with tests of their own", () => {
  const other = makeImage({ format: "sysext", testMaxSize: 4096 }, "other");
  const { machines, sizes, images } = plan(projectOf(makeImage({ format: "sysext" }, "plain"), other, main({})));
  expect(machines.map((machine) => [machine.kind, machine.image.name, testNames(machine)])).toEqual([
    ["container", "main", ["boot", "failed-units"]],
  ]);
  expect(sizes.map(({ image, limit }) => [image.name, limit])).toEqual([["other", 4096]]);
  expect(images.map(({ name }) => name)).toEqual(["other", "main"]);
});

test("what it is booted in", () => {
  const kind = (config: Partial<Config>, uid = 0) => plan(projectOf(main(config)), [], uid).machines[0]?.kind;
  expect(kind({})).toBe("container");
  expect(kind({}, 1000)).toBe("vm");
  expect(kind({ format: "uki" })).toBe("vm");
  expect(kind({ testMachine: "vm" })).toBe("vm");
  expect(() => kind({ testMachine: "container" }, 1000)).toThrow(/takes root/);
  expect(() => kind({ format: "uki", testMachine: "container" })).toThrow(/cannot be started in a container/);
  expect(() => kind({ format: "tar" })).toThrow(/there is nothing to test/);
  expect(() => kind({ format: "tar", testUnits: ["a.service"] })).toThrow(/cannot be started as a machine/);
});

test("names choose", () => {
  const project = projectOf(main({ testUnits: ["a.service", "b.socket"], testMaxSize: 4096 }));
  const names = (...tests: string[]) => {
    const { machines, sizes } = plan(project, tests);
    return [...machines.flatMap(testNames), ...sizes.map(() => "size")];
  };
  expect(names("unit:*")).toEqual(["unit:a.service", "unit:b.socket"]);
  expect(names("main/boot", "size")).toEqual(["boot", "size"]);
  expect(() => names("bot")).toThrow(/no test is named “bot”/);
});

test("files of tests", () => {
  const directory = makeProject({ t: { "b.test": "#!/bin/sh\n", "a.service": "[Service]\n", README: "" } });
  const script = join(directory, "t/b.test");
  const read = () => readTests([join(directory, "t")], () => undefined);
  chmodSync(script, 0o644);
  expect(read).toThrow(/b.test is not executable/);
  chmodSync(script, 0o755);
  expect(read().map(({ name, interpreter }) => [name, interpreter])).toEqual([
    ["a.service", undefined],
    ["b.test", ["/bin/sh"]],
  ]);
  expect(() => readTests([join(directory, "t/README")], () => undefined)).toThrow(/ends in neither/);
  expect(() => readTests([join(directory, "t"), script], () => undefined)).toThrow(/two tests named b.test/);
  for (const [text, why] of [
    ["echo\n", /does not say what runs it/],
    ["#!/bin/sh\r\n", /line ends of Windows/],
    [`#!/bin/sh\n${"x".repeat(600_000)}`, /larger than 512 KiB/],
  ] as const) {
    writeFileSync(script, text);
    expect(read).toThrow(why);
  }
});

test("emulated machines have longer where nothing says how long", () => {
  const image = main({ testTimeout: 300 });
  expect(timeLimit({ image }, false)).toBe(300);
  expect(timeLimit({ image: { ...image, origin: () => undefined } }, true)).toBe(900);
  expect(timeLimit({ image: { ...image, origin: () => ({ kind: "option", option: "--test-timeout" }) } }, true)).toBe(
    300,
  );
});
