// The [Test] section: what `mkosi test` expects of an image. The original has no such section.

import { setting } from "./setting.ts";
import { boolean } from "./types/boolean.ts";
import { oneOf } from "./types/choice.ts";
import { consoleExpressions, ports, seconds, units } from "./types/expectation.ts";
import { list } from "./types/list.ts";
import { bytes } from "./types/number.ts";
import { paths } from "./types/path.ts";

/** Seconds; an emulated machine takes half a minute to boot. */
const TIMEOUT = 300;

export const test = {
  tests: setting({
    name: "Tests",
    section: "Test",
    option: "test",
    type: list(paths()),
    scope: "local",
    pickup: ["mkosi.test"],
    own: true,
    help: "Scripts (*.test) and units (*.service) that are run inside, or directories of them.",
  }),
  testUnits: setting({
    name: "TestUnits",
    section: "Test",
    option: "test-unit",
    type: list(units),
    scope: "local",
    own: true,
    help: "Units that are active when the image has booted.",
  }),
  testNoFailedUnits: setting({
    name: "TestNoFailedUnits",
    section: "Test",
    option: "test-no-failed-units",
    type: boolean,
    default: true,
    scope: "inherit",
    own: true,
    help: "Whether no unit may have failed when the image has booted.",
  }),
  testPorts: setting({
    name: "TestPorts",
    section: "Test",
    option: "test-port",
    type: list(ports),
    scope: "local",
    own: true,
    help: "Ports that are listened at when the image has booted.",
  }),
  testConsole: setting({
    name: "TestConsole",
    section: "Test",
    option: "test-console",
    type: list(consoleExpressions, { split: "lines" }),
    scope: "local",
    own: true,
    help: "Regular expressions that lines on the console match.",
  }),
  testBootTimeout: setting({
    name: "TestBootTimeout",
    section: "Test",
    option: "test-boot-timeout",
    type: seconds,
    scope: "local",
    own: true,
    help: "How long the image may take to boot.",
  }),
  testMaxSize: setting({
    name: "TestMaxSize",
    section: "Test",
    option: "test-max-size",
    type: bytes,
    scope: "local",
    own: true,
    help: "How many bytes the output may have.",
  }),
  testMachine: setting({
    name: "TestMachine",
    section: "Test",
    option: "test-machine",
    type: oneOf("auto", "container", "vm"),
    default: "auto",
    scope: "inherit",
    own: true,
    help: "What the image is booted in for its tests.",
  }),
  testTimeout: setting({
    name: "TestTimeout",
    section: "Test",
    option: "test-timeout",
    type: seconds,
    default: TIMEOUT,
    scope: "inherit",
    own: true,
    help: "How long a test may take, booting included.",
  }),
};
