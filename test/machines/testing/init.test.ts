// A directory without an init system is told before its machine is started.

import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { requireInit } from "../../../src/machines/testing/init.ts";
import type { Config } from "../../../src/settings/index.ts";
import { makeImage } from "../../support/image.ts";
import { makeProject } from "../../support/project.ts";

test("an init system is there, or something else starts one", () => {
  const directory = makeProject({ image: { usr: { sbin: {} } } });
  const file = (name: string) => join(directory, name);
  const files = { image: file("image"), kernel: file("kernel"), initrd: file("initrd"), uki: file("uki") };
  symlinkSync("usr/sbin", file("image/sbin"));
  const check = (config: Partial<Config> = {}) => requireInit(makeImage({ format: "directory", ...config }), files);
  expect(() => check()).toThrow(/no init system: there is no \/sbin\/init/);
  expect(() => check({ kernelCommandLineExtra: ["init=/usr/lib/systemd/systemd"] })).not.toThrow();
  expect(() => check({ format: "disk" })).not.toThrow();
  writeFileSync(files.initrd, "");
  expect(() => check()).not.toThrow();
  expect(() => check({ firmware: "linux-noinitrd" })).toThrow(/no init system/);
  mkdirSync(file("image/usr/lib"));
  symlinkSync("/usr/lib/systemd/systemd", file("image/usr/sbin/init"));
  expect(() => check({ firmware: "linux-noinitrd" })).not.toThrow();
});
