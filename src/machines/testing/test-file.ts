// Files that are tests: scripts that are run inside the image, and units that are started there.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { compareCodePoints } from "../../formats/code-points.ts";
import { isExecutable } from "../../formats/executable.ts";
import { Failure, type Origin } from "../../report/failure.ts";

export interface TestFile {
  /** Of the file, and of the test. */
  readonly name: string;
  readonly content: Buffer;
  /** What runs it inside, a program and at most one argument; undefined: it is a unit. */
  readonly interpreter: readonly string[] | undefined;
}

/** systemd takes no more than a mebibyte of credentials altogether. */
const SIZE_MAX = 512 * 1024;

/**
 * The tests that `Tests=` names, directories with those in them.
 * @throws {Failure} when one cannot be run
 */
export function readTests(paths: readonly string[], origin: (path: string) => Origin | undefined): TestFile[] {
  const files = paths.flatMap((path) => filesAt(path, origin(path)).map((file) => readTest(file, origin(path))));
  const twice = files.find(({ name }, index) => files.findIndex((other) => other.name === name) < index);
  if (twice === undefined) return files;
  throw new Failure(`there are two tests named ${twice.name}`, { remedy: "give one of them another name" });
}

function filesAt(path: string, origin: Origin | undefined): string[] {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isDirectory) {
    return readdirSync(path)
      .filter(isTestName)
      .sort(compareCodePoints)
      .map((name) => join(path, name));
  }
  if (isTestName(path)) return [path];
  throw new Failure(`${path} is no test: its name ends in neither .test nor .service`, {
    origin,
    remedy: "name a script FILE.test, a unit FILE.service, or a directory of them",
  });
}

function isTestName(path: string): boolean {
  return /[^/]\.(?:test|service)$/.test(path);
}

function readTest(path: string, origin: Origin | undefined): TestFile {
  const refuse = (why: string, remedy: string) => new Failure(`the test ${path} ${why}`, { origin, remedy });
  const status = statSync(path, { throwIfNoEntry: false });
  if (status?.isFile() !== true) throw refuse("is no file", "make it one, or remove it");
  if (status.size > SIZE_MAX)
    throw refuse(`is larger than ${SIZE_MAX / 1024} KiB`, "put what it needs into the image, or into RuntimeTrees=");
  const content = readFileSync(path);
  const name = basename(path);
  if (name.endsWith(".service")) return { name, content, interpreter: undefined };
  if (!isExecutable(path)) throw refuse("is not executable", `run chmod +x ${path}`);
  const interpreter = interpreterOf(content);
  if (interpreter === undefined)
    throw refuse("does not say what runs it", "begin it with the program's path, for example: #!/bin/sh");
  if (interpreter.some((word) => word.endsWith("\r")))
    throw refuse("has the line ends of Windows", `run sed -i 's/\\r$//' ${path}`);
  return { name, content, interpreter };
}

/** What stands after `#!` as the kernel reads it: a path, and the rest of the line as one argument. */
export function interpreterOf(content: Buffer): string[] | undefined {
  const [line = ""] = content.subarray(0, 4096).toString("utf8").split("\n", 1);
  const [, program, argument] = /^#![ \t]*(\/[^ \t]*)[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
  if (program === undefined) return undefined;
  return argument === undefined || argument === "" ? [program] : [program, argument];
}
