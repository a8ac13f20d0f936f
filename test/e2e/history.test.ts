// History=yes in real runs: a build remembers its options when it has succeeded, later verbs take them, clean forgets.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";

const CONF = `
[Distribution]
Distribution=debian
Release=trixie
[Output]
Format=none
[Content]
Bootable=no
[Build]
History=yes
`;

test("options are remembered after a build, used, replaced and forgotten", async () => {
  const cwd = makeProject({ "mkosi.conf": CONF });
  const file = join(cwd, ".mkosi-private/history/latest.json");
  const hostname = async (...args: readonly string[]): Promise<unknown> =>
    JSON.parse((await mkosiOk(["--json", ...args, "summary"], { cwd })).stdout).Images[0].Hostname;

  await mkosiOk(["--hostname=first", "-O", "out"], { cwd });
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ Hostname: "first", OutputDirectory: join(cwd, "out") });
  expect(readFileSync(join(cwd, "out/.mkosi-private/history/latest.json"), "utf8")).toBe(readFileSync(file, "utf8"));
  expect(await hostname()).toBe("first");
  expect(await hostname("-f")).toBe(null);
  const ignored = await mkosiOk(["--hostname=later", "summary"], { cwd });
  expect(ignored.stderr).toContain("--hostname is ignored: the image was built with another value of Hostname=");

  const failed = await mkosi(["-f", "--hostname=failed", "-t", "directory", "--package=there-is-no-such-package"], {
    cwd,
  });
  expect(failed.status).toBe(1);
  expect(await hostname()).toBe("first");

  await mkosiOk(["-f", "--hostname=second"], { cwd });
  expect(await hostname()).toBe("second");

  await mkosiOk(["-f", "-O", "out"], { cwd });
  const { stderr } = await mkosiOk(["clean"], { cwd });
  expect(stderr).toContain(`outputs of the latest build in ${join(cwd, "out")} are still there`);
  expect(stderr).toContain(`mkosi -O ${join(cwd, "out")} clean`);
  expect(existsSync(join(cwd, ".mkosi-private"))).toBe(false);
  expect(await hostname()).toBe(null);
});
