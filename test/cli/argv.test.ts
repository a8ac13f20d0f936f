// The grammar of the command line.

import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../../src/cli/argv.ts";
import { helpText } from "../../src/cli/help.ts";
import { Failure } from "../../src/report/failure.ts";
import { plain } from "../../src/report/style.ts";
import { rows } from "../../src/settings/index.ts";

const parse = (...argv: string[]) => parseCommandLine(argv, "/tmp").args;
const assignments = (...argv: string[]): string[] =>
  parse(...argv).assignments.map(({ key, text }) => `${key}=${text}`);
const warnings = (...argv: string[]): readonly string[] => parseCommandLine(argv, "/tmp").warnings;

describe("verbs", () => {
  test("build without a verb", () => expect(parse("-f")).toMatchObject({ verb: "build", force: 1, verbArguments: [] }));
  test("options before and after it", () =>
    expect(parse("-f", "vm", "--debug")).toMatchObject({ verb: "vm", force: 1, debug: true }));
  test("what follows -- is the verb's", () =>
    expect(parse("vm", "a", "--", "-nographic", "--debug", "--")).toMatchObject({
      verb: "vm",
      debug: false,
      verbArguments: ["a", "-nographic", "--debug", "--"],
    }));
  test("-- before the verb ends the options", () => {
    expect(parse("--json", "--", "summary")).toMatchObject({ verb: "summary", json: true, verbArguments: [] });
    expect(parse("--", "vm", "--debug")).toMatchObject({ verb: "vm", debug: false, verbArguments: ["--debug"] });
    expect(parse("--", "vm", "--", "x").verbArguments).toEqual(["x"]);
    expect(parse("-f", "--")).toMatchObject({ verb: "build", force: 1, verbArguments: [] });
    expect(() => parse("-f", "--", "x")).toThrow("“x” is not a verb");
  });
  test("an operand of help is one of documentation", () => {
    const refused = (): void => void parse("help", "packages");
    expect(refused).toThrow("help takes no arguments");
    expect(refused).toThrow(expect.objectContaining({ details: { remedy: "Run mkosi documentation packages." } }));
  });
  test("renamed ones", () => {
    expect(parse("qemu").verb).toBe("vm");
    expect(warnings("sandbox")).toEqual(["the verb sandbox is now called box"]);
  });
  test("--help and --version", () => {
    expect(parse("vm", "--help").verb).toBe("help");
    expect(parse("--version").verb).toBe("version");
  });
});

describe("options", () => {
  test("several values", () =>
    expect(assignments("-p", "a", "-pb", "--package=c", "--package", "d", "--package=")).toEqual([
      "packages=a",
      "packages=b",
      "packages=c",
      "packages=d",
      "packages=",
    ]));
  test("letters together", () => expect(parse("-ffB")).toMatchObject({ force: 2, autoBump: true }));
  test("letters that stand for a value, and one with", () =>
    expect(assignments("-aTi", "-tdisk")).toEqual(["autologin=yes", "withTests=no", "incremental=yes", "format=disk"]));
  test("a value that looks like a number", () =>
    expect(assignments("--delegate-ranges", "-1")).toEqual(["delegateRanges=-1"]));
  test("a value with an equals sign", () =>
    expect(assignments("-E", "A=1", "--environment=B=2")).toEqual(["environment=A=1", "environment=B=2"]));
  test("an optional value", () => {
    expect(assignments("--checksum", "summary")).toEqual(["checksum=yes"]);
    expect(assignments("--checksum", "no", "summary")).toEqual(["checksum=no"]);
  });
  test("booleans without a value, as before", () => {
    expect(assignments("--ephemeral", "vm")).toEqual(["ephemeral=yes"]);
    expect(warnings("--ephemeral", "vm")).toEqual(["--ephemeral needs an argument; it is read as --ephemeral=yes"]);
    expect(assignments("--ephemeral", "no", "vm")).toEqual(["ephemeral=no"]);
  });
  test("old names", () => {
    expect(assignments("--qemu-mem=1G")).toEqual(["ram=1G"]);
    expect(warnings("--qemu-mem=1G")).toEqual(["--qemu-mem is now called --ram"]);
  });
  test("options that do nothing any more", () =>
    expect(warnings("--default=x", "--runtime-scratch=yes")).toEqual([
      "--default has no effect any more: Use Include=.",
      expect.stringContaining("RuntimeSize="),
    ]));
  test("every setting has its options", () => {
    for (const [key, row] of rows) {
      for (const option of [row.option, ...(row.oldOptions ?? [])])
        expect(assignments(`--${option}=x`)).toEqual([`${key}=x`]);
    }
  });
});

describe("directories", () => {
  test("paths are relative to the -C before them", () => {
    const { assignments: found, directory } = parse("--extra-tree=a", "-C", "/usr", "--extra-tree=b", "-C", "lib");
    expect(found.map((assignment) => assignment.directory)).toEqual(["/tmp", "/usr"]);
    expect(directory).toBe("/usr/lib");
  });
  test("an empty one: no configuration", () => expect(parse("-C", "").directory).toBeUndefined());
  test("one that is none", () => expect(() => parse("-C", "/nowhere")).toThrow("/nowhere is not a directory"));
});

test.each([
  [["--packge=x"], "--packge is not an option", "Did you mean --package?"],
  [["--esp-size=1G"], "--esp-size does not exist any more", "mkosi.repart/"],
  [["--qcow2"], "--qcow2 does not exist any more", "qemu-img"],
  [["vmspawn"], "the verb vmspawn does not exist any more", "VirtualMachineMonitor=vmspawn"],
  [["-R", "summary"], "no meaning for summary", "shell, boot, vm"],
  [["-R", "-f"], "--force builds it again", "only one"],
  [["-Q"], "-Q is not an option", "--"],
  [["sumary"], "“sumary” is not a verb", "Did you mean summary?"],
  [["--", "-f"], "“-f” is not a verb", "Verbs are"],
  [["summary", "x"], "summary takes no arguments", "Leave them out"],
  [["--output"], "--output needs an argument", "--output=NAME"],
  [["-t", "-f"], "-t needs an argument", "-t "],
  [["--force=yes"], "--force takes no argument", "--force alone"],
  [["--jobs=many"], "“many” is not a positive number", "--jobs=NUMBER"],
])("%j is refused", (argv, message, remedy) => {
  let failure: unknown;
  try {
    parse(...argv);
  } catch (error) {
    failure = error;
  }
  expect(failure).toBeInstanceOf(Failure);
  expect((failure as Failure).message).toContain(message);
  expect((failure as Failure).details.remedy).toContain(remedy);
});

test("the help names every option, within the width", () => {
  const text = helpText(plain, (verb) => verb === "build", 80);
  for (const [, row] of rows) expect(text).toContain(`--${row.option}=`);
  expect(text.replace(/\s+/g, " ")).toContain("Boot the image in a virtual machine. (not in this version yet)");
  const prose = text.split("\n").filter((line) => !line.trim().startsWith("-"));
  expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(106);
});
