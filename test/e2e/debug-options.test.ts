// --debug-shell, --debug-workspace and --debug-sandbox: what somebody sees who looks into a build that fails.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { takeSnapshot } from "../support/cleanliness.ts";
import { CHECKOUT, mkosi, mkosiOk, run } from "../support/mkosi.ts";
import { makeProject, type Tree } from "../support/project.ts";

const script = (status: number) => `#!/bin/sh
mkdir -p "$BUILDROOT/etc"
echo kept >"$BUILDROOT/etc/left"
echo 'no such planet' >&2
exit ${status}
`;

const PROJECT: Tree = {
  "mkosi.conf": `[Distribution]
Distribution=custom
[Output]
Format=directory
[Content]
PostInstallationScripts=post
[Build]
Environment=OWN=1
`,
  post: script(3),
};

test("a shell has what the failed script had; what is typed there counts, the build fails", async () => {
  const cwd = makeProject(PROJECT);
  const before = takeSnapshot();
  const input =
    'echo "$SCRIPT $BUILDROOT $OWN $PWD $(cat /buildroot/etc/left) $(command -v mkosi-chroot) $#"\nexit 9\n';
  const { status, stdout, stderr } = await mkosi(["--debug-shell", "-f"], { cwd, input });
  expect(stdout).toBe("/work/postinst /buildroot 1 /work/src kept /scripts/mkosi-chroot 0\n");
  expect(status).toBe(1);
  expect(stderr).toContain("no such planet\n\n/work/postinst final ended with status 3.");
  expect(stderr).toContain("run for the image main, ended with status 3");
  expect(existsSync(join(cwd, "image"))).toBe(false);
  expect(await before.leftovers()).toEqual([]);
});

test("programs for other programs get no shell", async () => {
  const { status, stdout } = await mkosi(["--debug-shell", "--json"], { cwd: makeProject(PROJECT) });
  expect(status).toBe(1);
  expect(stdout).toContain("--debug-shell opens a shell on the terminal");
});

test.skipIf(spawnSync("python3", ["--version"]).status !== 0)("on a terminal the shell keeps Ctrl-C", async () => {
  const steps = [
    ["# ", "sh -c 'echo on-$((40 + 2)); exec sleep 100'\n"],
    ["on-42", "\x03"],
    ["# ", "\x03"],
    ["# ", "echo still-$((40 + 3)); exit\n"],
  ];
  const program = [process.execPath, join(CHECKOUT, "bin/mkosi"), "--debug-shell"];
  const terminal = resolve(import.meta.dirname, "../support/terminal.py");
  const { stdout } = await run(["python3", terminal, JSON.stringify(steps), ...program], {
    cwd: makeProject(PROJECT),
    env: { TERM: "xterm" },
    timeout: 200,
  });
  const { seen, ...ended } = JSON.parse(stdout || "{}") as { readonly seen: string };
  expect(ended).toEqual({ status: 1, restored: true });
  expect(seen).toContain("still-43");
  expect(seen).toContain("ended with status 3\r\n");
});

test.each([0, 3])("the workspace stays, with status %i of a script, until it is cleaned", async (status) => {
  const cwd = makeProject({ ...PROJECT, post: script(status) });
  const parent = join(cwd, "work");
  mkdirSync(parent);
  const option = `--workspace-directory=${parent}`;
  const built = await mkosi([option, "--debug-workspace", "-f"], { cwd });
  expect(built.status).toBe(status === 0 ? 0 : 1);
  const [name = "", ...others] = readdirSync(parent);
  expect(others).toEqual([]);
  expect(built.stderr).toContain(`Workspace: ${join(parent, name)}\n`);
  const layers = join(parent, name, "layers");
  const left = readdirSync(layers).map((layer) => join(layers, layer, "upper/etc/left"));
  expect(left.filter(existsSync).map((path) => readFileSync(path, "utf8"))).toEqual(["kept\n"]);
  // another build has its own, and does not take this one for abandoned
  await mkosi([option, "-f"], { cwd });
  expect(readdirSync(parent)).toEqual([name]);
  await mkosiOk([option, "clean"], { cwd });
  expect(readdirSync(parent)).toEqual([]);
});

const strace = spawnSync("strace", ["--version"]).status === 0;

test.skipIf(!strace)("strace tells in the log how the sandbox of a script was made", async () => {
  const cwd = makeProject(PROJECT);
  const { stderr } = await mkosi(["--debug-sandbox", "-f"], { cwd });
  // the script's own words are not among it
  expect(stderr).toMatch(/\| no such planet\n {2}again: /);
  const log = readFileSync(/log: (.*)\n/.exec(stderr)?.[1] ?? "", "utf8");
  expect(log).toMatch(/\[main\] \d+ +execve\("\/work\/postinst", \["\/work\/postinst", "final"\]/);
  expect(log).toMatch(/\[main\] \d+ +mount\(/);
});

test.skipIf(process.getuid?.() !== 0 || !strace)("without strace it is asked for", async () => {
  const cwd = makeProject(PROJECT);
  const hide = ["unshare", "--mount", "sh", "-ec", 'mount --bind /dev/null /usr/bin/strace; exec "$@"', "sh"];
  const { status, stderr } = await run([...hide, process.execPath, join(CHECKOUT, "bin/mkosi"), "--debug-sandbox"], {
    cwd,
  });
  expect(status).toBe(1);
  expect(stderr).toContain("error: --debug-sandbox needs strace");
});
