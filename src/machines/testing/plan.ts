// Which images are tested, by what, and in what kind of machine: everything that can be wrong about it is told before
// anything is built or booted.

import { imageToRun } from "../../config/image-to-run.ts";
import { type Image, mainImage, type Project } from "../../config/project.ts";
import { Failure } from "../../report/failure.ts";
import { suggest } from "../../report/suggest.ts";
import { compilePattern } from "../../settings/types/glob.ts";
import { checkContainerSupported } from "../container/supported.ts";
import { checkMachineSupported } from "../supported.ts";
import { type Expectation, expectationsOf } from "./expectations.ts";
import { readTests, type TestFile } from "./test-file.ts";

export type MachineKind = "container" | "vm";

/** One boot of an image. */
export interface MachineTest {
  readonly image: Image;
  readonly kind: MachineKind;
  /** `expectations`, or the test's. */
  readonly name: string;
  /** Those that are looked at in this machine; with a test only what counts for it, too. */
  readonly expectations: readonly Expectation[];
  readonly test: TestFile | undefined;
}

/** The size of an image's output. */
export interface SizeTest {
  readonly image: Image;
  /** Bytes. */
  readonly limit: number;
}

export interface TestPlan {
  readonly images: readonly Image[];
  readonly machines: readonly MachineTest[];
  readonly sizes: readonly SizeTest[];
}

export interface Choice {
  /** The image that is tested; undefined: all. */
  readonly image: string | undefined;
  /** Names of tests, or patterns of names; none: all. */
  readonly tests: readonly string[];
  /** Of the caller. */
  readonly uid: number;
}

export const SIZE_TEST = "size";
const EXPECTATIONS = "expectations";
/** Formats of which a machine can be made. */
const BOOTABLE: readonly string[] = ["disk", "directory", "cpio", "uki", "esp"];

/** @throws {Failure} when a test cannot be run, or none is chosen */
export function planTests(project: Project, choice: Choice): TestPlan {
  const images = imagesToTest(project, choice.image);
  const whole = images.map((image) => planImage(image, image.name === mainImage(project).name, choice.uid));
  const isChosen = chooser(whole, choice.tests);
  const machines = whole.flatMap((plan) => plan.machines).flatMap((machine) => chosenPart(machine, isChosen));
  const sizes = whole.flatMap((plan) => plan.sizes).filter(({ image }) => isChosen(image, SIZE_TEST));
  return {
    images: images.filter(({ name }) => [...machines, ...sizes].some(({ image }) => image.name === name)),
    machines,
    sizes,
  };
}

function imagesToTest(project: Project, name: string | undefined): Image[] {
  if (name !== undefined) return [imageToRun(project, name)];
  const main = mainImage(project);
  const images = project.images.filter(
    (image) => hasTests(image) || (image.name === main.name && BOOTABLE.includes(image.config.format)),
  );
  if (images.length > 0) return images.map((image) => imageToRun(project, image.name));
  throw new Failure(
    `there is nothing to test: the image ${main.name} cannot be booted (Format=${main.config.format}), and no image has tests`,
    {
      origin: main.origin("format"),
      remedy: "put tests into mkosi.test/, or say in [Test] what is expected of an image",
    },
  );
}

function hasTests({ config }: Image): boolean {
  return needsMachine(config) || config.testMaxSize !== null;
}

function needsMachine({ tests, testUnits, testPorts, testConsole, testBootTimeout }: Image["config"]): boolean {
  return testBootTimeout !== null || [tests, testUnits, testPorts, testConsole].some(({ length }) => length > 0);
}

interface ImagePlan {
  readonly machines: readonly MachineTest[];
  readonly sizes: readonly SizeTest[];
}

function planImage(image: Image, isMain: boolean, uid: number): ImagePlan {
  const { config } = image;
  const sizes = config.testMaxSize === null ? [] : [{ image, limit: config.testMaxSize }];
  const boots = needsMachine(config) || (isMain && BOOTABLE.includes(config.format));
  if (!boots) return { machines: [], sizes };
  const kind = machineKind(image, uid);
  const tests = readTests(config.tests, (path) => image.origin("tests", path));
  const expectations: MachineTest = {
    image,
    kind,
    name: EXPECTATIONS,
    expectations: expectationsOf(config),
    test: undefined,
  };
  return {
    machines: [expectations, ...tests.map((test) => ({ image, kind, name: test.name, expectations: [], test }))],
    sizes,
  };
}

/** A container where it can be one: it boots in a second. @throws {Failure} when it cannot be what it is to be */
function machineKind(image: Image, uid: number): MachineKind {
  const { testMachine, format } = image.config;
  if (testMachine === "container" && uid !== 0) {
    throw new Failure(`TestMachine=container boots the image ${image.name} in a container, which takes root`, {
      origin: image.origin("testMachine"),
      remedy: "run mkosi test as root, or set TestMachine=vm",
    });
  }
  const isContainer =
    testMachine === "container" ||
    (testMachine === "auto" && uid === 0 && (format === "disk" || format === "directory"));
  if (isContainer) checkContainerSupported(image);
  else checkMachineSupported(image);
  return isContainer ? "container" : "vm";
}

type IsChosen = (image: Image, test: string) => boolean;

/** @throws {Failure} when a name is no test's */
function chooser(plans: readonly ImagePlan[], wanted: readonly string[]): IsChosen {
  if (wanted.length === 0) return () => true;
  const namesOf = (image: Image, test: string) => [
    test,
    test.replace(/\.(?:test|service)$/, ""),
    `${image.name}/${test}`,
  ];
  const all = plans.flatMap(({ machines, sizes }) => [
    ...machines.flatMap((machine) => testNames(machine).flatMap((name) => namesOf(machine.image, name))),
    ...sizes.flatMap(({ image }) => namesOf(image, SIZE_TEST)),
  ]);
  const patterns = wanted.map((text) => ({ text, pattern: compilePattern(text) }));
  const unknown = patterns.find(({ text, pattern }) => !all.some((name) => name === text || pattern.test(name)));
  if (unknown !== undefined) {
    const near = suggest(unknown.text, all);
    throw new Failure(`no test is named “${unknown.text}”`, {
      remedy:
        near === undefined ? `Tests are ${[...new Set(plans.flatMap(namesIn))].join(", ")}.` : `Did you mean ${near}?`,
    });
  }
  return (image, test) =>
    namesOf(image, test).some((name) => patterns.some(({ text, pattern }) => name === text || pattern.test(name)));
}

function namesIn({ machines, sizes }: ImagePlan): string[] {
  return [...machines.flatMap(testNames), ...sizes.map(() => SIZE_TEST)];
}

/** The tests that a machine is for. */
export function testNames({ test, expectations }: MachineTest): string[] {
  return test === undefined ? expectations.map(({ name }) => name) : [test.name];
}

function chosenPart(machine: MachineTest, isChosen: IsChosen): MachineTest[] {
  if (machine.test !== undefined) return isChosen(machine.image, machine.test.name) ? [machine] : [];
  const expectations = machine.expectations.filter(({ name }) => isChosen(machine.image, name));
  return expectations.length === 0 ? [] : [{ ...machine, expectations }];
}
