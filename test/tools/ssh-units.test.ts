// Ssh=: which images get units, by their setting and by what they have.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Config } from "../../src/settings/index.ts";
import { writeSshUnits } from "../../src/tools/ssh-units.ts";
import { makeContext } from "../support/tree.ts";

const SERVER = "usr/sbin/sshd";
const GENERATOR = "usr/lib/systemd/system-generators/systemd-ssh-generator";

test.each<[Config["ssh"], readonly string[], boolean]>([
  ["auto", [SERVER], true],
  ["auto", [SERVER, GENERATOR], false],
  ["auto", [], false],
  ["always", [], true],
  ["always", [SERVER, GENERATOR], true],
  ["runtime", [SERVER], false],
  ["never", [SERVER], false],
])("Ssh=%s with %j: %s", async (ssh, files, expected) => {
  const context = await makeContext({ ssh }, Object.fromEntries(files.map((file) => [file, ""])));
  await writeSshUnits(context);
  const units = join(context.root, "usr/lib/systemd");
  expect(existsSync(join(units, "system/mkosi-sshd-vsock.socket"))).toBe(expected);
  expect(existsSync(join(units, "system/mkosi-sshd-vsock@.service"))).toBe(expected);
  if (!expected) return;
  const preset = readFileSync(join(units, "system-preset/10-mkosi-sshd-vsock.preset"), "utf8");
  expect(preset).toBe("enable mkosi-sshd-vsock.socket\n");
});
