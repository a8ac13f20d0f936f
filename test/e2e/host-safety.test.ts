// What a build is given may be malicious: archives with paths out of the tree, trees with links out of it, scripts that write
// to, read from and signal this machine. Nothing outside the workspace and the outputs changes, whoever builds.
// The tree is one without packages, whose program comes from the tools, so that it takes seconds.

import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mkosi } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";
import { keptToolsTree } from "../support/tools-tree.ts";

/** A place of this machine that no build has to do with. */
let outside: string;

beforeAll(() => {
  outside = mkdtempSync(join(tmpdir(), "mkosi-test-outside-"));
  chmodSync(outside, 0o777);
  writeFileSync(join(outside, "secret"), "nobody is to read this\n");
});
afterAll(() => rmSync(outside, { recursive: true, force: true }));

function project(files: Parameters<typeof makeProject>[0]): string {
  return makeProject({
    "mkosi.conf": `[Distribution]
Distribution=custom
[Output]
Format=tar
CompressOutput=no
[Content]
SkeletonTrees=skeleton
[Build]
Incremental=no
ToolsTree=${keptToolsTree()}
`,
    skeleton: { usr: { lib: { "os-release": "ID=mine\n" } } },
    ...files,
  });
}

/** A tar archive whose members have names that nobody's tar would give them. */
function evilArchive(path: string, work: string, withLink: boolean): void {
  mkdirSync(work);
  writeFileSync(join(work, "file"), "evil\n");
  symlinkSync(outside, join(work, "link"));
  const tar = ["--absolute-names", "--append", `--file=${path}`, `--directory=${work}`];
  const add = (name: string) => execFileSync("tar", [...tar, `--transform=s,^file$,${name},`, "file"]);
  add(`../../../../../../..${outside}/by-dots`);
  add(`${outside}/by-name`);
  if (!withLink) return;
  execFileSync("tar", [...tar, "link"]);
  add("link/by-link");
}

const listing = () => execFileSync("ls", ["-lA", "--full-time", outside], { encoding: "utf8" });

test.for([true, false])(
  "an archive with paths out of the tree (links in it: %s)",
  { timeout: 60_000 },
  async (withLink) => {
    const cwd = project({});
    const archive = join(cwd, "evil.tar");
    evilArchive(archive, join(cwd, "work"), withLink);
    expect(execFileSync("tar", ["-Ptf", archive], { encoding: "utf8" })).toContain(`..${outside}/by-dots`);
    const before = listing();
    const { status } = await mkosi(["--extra-tree=evil.tar", "build"], { cwd });
    // GNU tar leaves out what such names begin with, or refuses them; what counts is where it has written.
    expect([0, 1]).toContain(status);
    expect(listing()).toBe(before);
  },
);

test("scripts", { timeout: 60_000 }, async () => {
  const victim = spawn("sleep", ["1000"], { stdio: "ignore" });
  try {
    const cwd = project({
      "mkosi.postinst": `#!/bin/bash
# Each of these must fail, or hit nothing but the sandbox's own.
exec 2>/dev/null
kill -9 ${victim.pid}
cat ${outside}/secret && echo SECRET WAS READ
mkdir -p ${outside}; echo evil > ${outside}/by-script
echo evil > /etc/mkosi-test-evil; echo evil > /usr/mkosi-test-evil; echo evil > /proc/sys/kernel/hostname
ls /proc | grep -c '^[0-9]' > $BUILDROOT/processes
grep -c : /proc/net/dev > $BUILDROOT/interfaces
ln -s ${outside} $BUILDROOT/out
exit 0
`,
      "mkosi.finalize":
        '#!/bin/bash\necho evil > "$BUILDROOT/out/by-link-of-script" 2>/dev/null; rm -f "$BUILDROOT/out"; exit 0\n',
    });
    for (const name of ["mkosi.postinst", "mkosi.finalize"]) chmodSync(join(cwd, name), 0o755);
    const before = listing();
    const hostname = readFileSync("/proc/sys/kernel/hostname", "utf8");

    const { status, stdout, stderr } = await mkosi(["--debug", "build"], { cwd });
    expect([status, stderr]).toEqual([0, expect.anything()]);
    expect(`${stdout}${stderr}`).not.toContain("SECRET WAS READ");
    expect(`${stdout}${stderr}`).not.toContain("nobody is to read this");

    expect(listing()).toBe(before);
    expect(readFileSync("/proc/sys/kernel/hostname", "utf8")).toBe(hostname);
    for (const place of ["/etc", "/usr"]) expect(existsSync(join(place, "mkosi-test-evil"))).toBe(false);
    // Its own processes, and no network but loopback.
    const read = (name: string) =>
      Number(execFileSync("tar", ["-xOf", join(cwd, "image.tar"), `./${name}`], { encoding: "utf8" }));
    expect(read("processes")).toBeLessThan(10);
    expect(read("interfaces")).toBe(1);
    expect(victim.exitCode).toBeNull();
    expect(victim.signalCode).toBeNull();
  } finally {
    victim.kill();
  }
});
