// mkosi debug: after a failed build a shell or a command where it failed, before or after any step, as root and without,
// with kept layers and without; and the build that goes on from there.

import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { takeSnapshot } from "../support/cleanliness.ts";
import { mkosi, mkosiOk, type RunOptions } from "../support/mkosi.ts";
import { makeProject, type Tree } from "../support/project.ts";
import { unprivilegedUser } from "../support/user.ts";

const FAILING = `#!/bin/sh
echo "$OWN and $1" >"$BUILDROOT/etc/by-script"
echo 'no such planet' >&2
exit 3
`;

const PROJECT: Tree = {
  "mkosi.conf": `[Distribution]
Distribution=custom
[Output]
Format=directory
[Content]
SkeletonTrees=skeleton
ExtraTrees=extra
PostInstallationScripts=post-one,post-two
FinalizeScripts=finalize
[Build]
Environment=OWN=1
`,
  skeleton: { etc: { first: "skeleton\n" } },
  extra: { etc: { second: "extra\n" } },
  "post-one": '#!/bin/sh\necho ran >"$BUILDROOT/etc/by-one"\nrm "$BUILDROOT/etc/first"\n',
  "post-two": FAILING,
  finalize: "#!/bin/sh\n",
};

/** A cache of its own, with the tools that are there. */
async function debugged(incremental: boolean, options: RunOptions, privateCache: string) {
  const args = [`--incremental=${incremental ? "yes" : "no"}`, `--cache-directory=${privateCache}`];
  const go = (...more: readonly string[]) => mkosi([...args, ...more], options);
  const ok = async (...more: readonly string[]) => (await mkosiOk([...args, ...more], options)).stdout;
  return { go, ok };
}

const user = unprivilegedUser();
const cases = [[true, undefined] as const, [false, typeof user === "string" ? undefined : user] as const];

test.each(cases)("where a build has failed (Incremental: %s)", async (incremental, who) => {
  const cwd = makeProject({ ...PROJECT, "mkosi.cache": {} });
  if (who !== undefined) execFileSync("chown", ["-R", who.name, cwd]);
  const before = takeSnapshot();
  const { go, ok } = await debugged(incremental, { cwd, ...(who && { user: who }) }, join(cwd, "mkosi.cache"));

  const failed = await go("-f", "--quiet");
  expect(failed.status).toBe(1);
  expect(failed.stderr).toMatch(/post-two, run for the image main, ended with status 3\n {2}at: mkosi.conf:8:/);
  expect(failed.stderr).toContain("| no such planet\n");
  const again = /again: mkosi (.*) debug -- (.*)\n/.exec(failed.stderr)?.slice(1);
  expect(again).toEqual([
    `--incremental=${incremental ? "yes" : "no"} --cache-directory=${join(cwd, "mkosi.cache")}`,
    "/work/postinst final",
  ]);
  expect(failed.stderr).toMatch(/log: \S+\.log\n/);

  const list = await ok("debug", "--list");
  const titles = [...list.matchAll(/^ +\d+ (.) (.*)$/gm)].map(([, mark, title]) => `${mark} ${title}`);
  expect(titles.at(-1)).toBe("✗ Running post-installation scripts");
  expect(titles.filter((title) => title.startsWith("✓")).length).toBe(titles.length - 1);
  expect(titles.length).toBeGreaterThan(2);

  // the script that failed, not the first: what that has done is there; again each time the same
  const state = 'echo "$SCRIPT $OWN $PWD"; cd /buildroot/etc; echo *; command -v mkosi-chroot';
  for (const _time of [1, 2]) {
    const shell = await go("debug", "--", "sh", "-c", `${state}; touch changed; exit 5`);
    expect(shell.stdout).toBe("/work/postinst 1 /work/src\nby-one second\n/scripts/mkosi-chroot\n");
    expect(shell.status).toBe(5);
  }
  expect((await go("debug", "--", "/work/postinst", "final")).status).toBe(3);
  const inShell = await mkosi(
    [`--incremental=${incremental ? "yes" : "no"}`, `--cache-directory=${join(cwd, "mkosi.cache")}`, "debug"],
    { cwd, input: "head -n 2 $SCRIPT\n", ...(who && { user: who }) },
  );
  expect(inShell.stdout).toBe(FAILING.split("\n").slice(0, 2).join("\n").concat("\n"));
  expect(inShell.stderr).toContain("The program of the step: /work/postinst final");

  // any other place
  const names = ["sh", "-c", "cd /buildroot/etc && echo *"];
  expect(await ok("debug", "--before", "extra", "--", ...names)).toBe("first\n");
  expect(await ok("debug", "--after=extra trees", "--", ...names)).toBe("first second\n");
  expect(await ok("debug", "--before=post-inst", "--", "sh", "-c", "echo $SCRIPT; ls /buildroot/etc")).toBe(
    "/work/postinst\nby-one\nsecond\n",
  );
  expect((await go("debug", "--before=finalize")).stderr).toContain("no step that is there is called “finalize”");

  // edited outside, tried, and gone on with
  writeFileSync(join(cwd, "post-two"), FAILING.replace("exit 3", "exit 0"));
  chmodSync(join(cwd, "post-two"), 0o755);
  expect((await go("debug", "--", "/work/postinst", "final")).status).toBe(0);
  const built = await go("-f");
  expect(built.status).toBe(0);
  expect(built.stderr.includes("Kept: ")).toBe(incremental);
  expect(built.stderr).toContain("Running post-installation scripts");
  expect(readFileSync(join(cwd, "image/etc/by-script"), "utf8")).toBe("1 and final\n");
  expect(readdirSync(join(cwd, "image/etc"))).not.toContain("changed");

  const after = await go("debug");
  expect(after.stderr).toContain(incremental ? "image main has not failed" : "there is no build to go back to");
  if (incremental)
    expect(await ok("debug", "--after=finalize", "--", "cat", "/buildroot/etc/by-script")).toBe("1 and final\n");
  expect(await before.leftovers()).toEqual([]);
});

test.skipIf(process.getuid?.() !== 0)(
  "what a failed build leaves is the user's alone, and goes with clean",
  async () => {
    const cwd = makeProject(PROJECT);
    await mkosi(["-f"], { cwd });
    const place = "/var/cache/mkosi/failed";
    expect(statSync(place).mode & 0o077).toBe(0);
    const own = readdirSync(place).filter((name) => existsSync(join(place, name, "build.json")));
    expect(own.length).toBeGreaterThan(0);
    const { stdout } = await mkosiOk(["clean"], { cwd });
    const removed = /Removing (\/var\/cache\/mkosi\/failed\/\S+)/.exec(stdout)?.[1] ?? "";
    expect(own.map((name) => join(place, name))).toContain(removed);
    expect(existsSync(removed)).toBe(false);
  },
);

test("options of debug belong to it, one at a time", async () => {
  const cwd = makeProject(PROJECT);
  const texts = [["--list", "summary"], ["--before=a", "--after=b", "debug"], ["debug"]].map(
    async (args) => (await mkosi(args, { cwd })).stderr,
  );
  const [other, both, nothing] = await Promise.all(texts);
  expect(other).toContain("--list has no meaning for summary");
  expect(both).toContain("--before and --after exclude each other");
  expect(nothing).toContain("there is no build to go back to");
});
