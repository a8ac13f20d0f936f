import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Failure } from "../../src/report/failure.ts";
import { noSpaceRemedy, systemFailure } from "../../src/report/system-failure.ts";

function systemError(code: string, paths: { path?: string; dest?: string } = {}): Error {
  return Object.assign(new Error(code), { code, ...paths });
}

test("a full disk is explained with its place and what to do", () => {
  const failure = systemFailure(systemError("ENOSPC", { path: "/from", dest: "/outputs/image.raw" }));
  expect(failure?.message).toBe("/outputs/image.raw: there is no space left");
  expect(failure?.details.remedy).toContain("OutputDirectory=");
});

test("a file where a directory is needed is no defect", () => {
  const failure = systemFailure(systemError("ENOTDIR", { path: "/root/boot/loader" }));
  expect(failure?.message).toBe("/root/boot/loader: something on the way to it is no directory");
});

test("what is no system error stays what it is", () => {
  expect(systemFailure(new TypeError("x is not a function"))).toBeUndefined();
  expect(systemFailure(new Failure("known"))).toBeUndefined();
  let missing: unknown;
  try {
    readFileSync("/does/not/exist");
  } catch (error) {
    missing = error;
  }
  // A file that is unexpectedly not there is a defect of ours until somebody checks for it.
  expect(systemFailure(missing)).toBeUndefined();
});

test("a program that meets a full disk is noticed", () => {
  expect(noSpaceRemedy("cp: error writing 'x': No space left on device\n")).toContain("there is no space left");
  expect(noSpaceRemedy("tar: /work/x: Wrote only 8192 of 10240 bytes\n")).toContain("there is no space left");
  expect(noSpaceRemedy("cp: cannot stat 'x': No such file or directory\n")).toBeUndefined();
});
