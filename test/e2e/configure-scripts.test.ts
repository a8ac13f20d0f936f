// Configure scripts in real runs of the program: explain runs them in their sandbox, and a build is made of what they
// print.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject, type Tree } from "../support/project.ts";

const CONF = `
[Distribution]
Distribution=debian
Release=trixie
[Output]
Format=directory
[Content]
Bootable=no
Hostname=from-conf
RootPassword=secret
`;

/** Whatever shell there is has sed. */
const SCRIPT = `#!/bin/sh -e
echo "ran for \${SUBIMAGE:-main}" >&2
touch written-to-sources
sed 's/"Hostname": "from-conf"/"Hostname": "from-script"/; s/"Output": "image"/"Output": "renamed"/'
`;

const PROJECT: Tree = { "mkosi.conf": CONF, "mkosi.configure": SCRIPT };

test("explain shows what the script has changed, summary what was configured", async () => {
  const cwd = makeProject(PROJECT);
  const { stdout } = await mkosiOk(["explain", "Hostname", "Release"], { cwd });
  expect(stdout.split("\n").slice(0, 4)).toEqual([
    "main: Hostname = from-script",
    "  mkosi.conf:9:1: Hostname=from-conf  (sets)",
    "  configure script mkosi.configure: Hostname=from-script  (sets)",
    "",
  ]);
  expect(existsSync(join(cwd, "written-to-sources"))).toBe(true);
  expect((await mkosiOk(["--json", "summary"], { cwd })).stdout).toContain('"Hostname": "from-conf"');
});

test("a build is made of what the script prints", async () => {
  const cwd = makeProject(PROJECT);
  const { stderr } = await mkosiOk(["--debug"], { cwd });
  expect(stderr).toContain("ran for main");
  expect(readFileSync(join(cwd, "renamed/etc/hostname"), "utf8")).toBe("from-script\n");
});

test.each([
  [
    "#!/bin/sh\necho 'no idea' >&2\nexit 7\n",
    ["mkosi.configure, run for the image main, ended with status 7", "no idea"],
  ],
  ["#!/bin/sh\necho '{\"Packages\": [1]}'\n", ["Packages[0] must be a text, but is 1", "at: mkosi.configure"]],
  ["#!/bin/sh\nexit 0\n", ["its output is empty"]],
])("a build fails with %j", async (script, messages) => {
  const cwd = makeProject({ ...PROJECT, "mkosi.configure": script });
  const { status, stderr } = await mkosi([], { cwd });
  expect(status).toBe(1);
  for (const message of messages) expect(stderr).toContain(message);
  expect(existsSync(join(cwd, "image"))).toBe(false);
});

test("they are run for an image that is there already, before it is started", async () => {
  const script = "#!/bin/sh\nexit 7\n";
  const cwd = makeProject({ "mkosi.conf": CONF, "mkosi.configure": script, image: { usr: { file: "" } } });
  const { status, stderr } = await mkosi(["--tools-tree=no", "vm"], { cwd });
  expect(status).toBe(1);
  expect(stderr).toContain("mkosi.configure, run for the image main, ended with status 7");
});
