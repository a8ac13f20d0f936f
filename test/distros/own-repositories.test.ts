// SandboxTrees=: repositories of somebody's own, with their own keys, beside the distribution's.

import { cpSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeProject, writeTree } from "../support/project.ts";
import { build, buildTree, rpmPackages, type Target } from "./build.ts";
import { mirrorMissing } from "./mirror.ts";
import { withMirror } from "./with-mirror.ts";

const missing = mirrorMissing();
const KEY = "etc/pki/rpm-gpg/RPM-GPG-KEY-own";

interface Case {
  readonly name: string;
  readonly target: Target;
  /** Where definitions of repositories are. */
  readonly place: string;
  readonly path: string;
}
const CASES: readonly Case[] = [
  {
    name: "dnf",
    target: { distribution: "fedora", release: "43" },
    place: "etc/yum.repos.d",
    path: "linux/releases/43/Everything/x86_64/os",
  },
  { name: "zypper", target: { distribution: "opensuse" }, place: "etc/zypp/repos.d", path: "tumbleweed/repo/oss" },
];

const title = `repositories of one's own${missing === undefined ? "" : `: ${missing}`}`;
describe.skipIf(missing !== undefined)(title, { timeout: 300_000 }, () => {
  const mirror = withMirror();

  /** A project with a repository that a stranger has signed, whose `hello` is older than the distribution's but preferred. */
  function work({ target, place, path }: Case, more: string) {
    const project = makeProject({ "mkosi.conf": "[Content]\nPackages=hello\n" });
    const url = `${mirror.url(target.distribution as "fedora", "wrong-key")}/${path}`;
    const sandbox = join(project, "mkosi.sandbox");
    writeTree(sandbox, {
      [`${place}/own.repo`]: `[own]\nname=own\nbaseurl=${url}\nenabled=1\npriority=1\n${place.includes("zypp") ? "autorefresh=0" : "includepkgs=hello"}\n${more}`,
    });
    mkdirSync(dirname(join(sandbox, KEY)), { recursive: true });
    cpSync(join(mirror.tools.strangersKey, "public.asc"), join(sandbox, KEY));
    return { made: { mirror, project }, sandbox };
  }

  test.for(CASES)("$name takes packages of theirs that their key verifies", async (one) => {
    const { made } = work(one, `gpgcheck=1\ngpgkey=file:///${KEY}\n`);
    const tree = await buildTree(made, one.target);
    expect(await rpmPackages(made, tree)).toContain("hello-2.10-5.x86_64");
    // what the distribution's own key verifies is there, too
    expect((await rpmPackages(made, tree)).some((name) => name.startsWith("bash-"))).toBe(true);
  });

  test.for(CASES)("$name refuses what another key has signed", async (one) => {
    const { made, sandbox } = work(one, `gpgcheck=1\ngpgkey=file:///${KEY}\n`);
    cpSync(join(mirror.tools.key, "public.asc"), join(sandbox, KEY));
    const result = await build(made, one.target);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(
      /the signature of the (?:package hello|metadata of the repository own)\S* .*cannot be verified/,
    );
  });

  test.for(CASES)("$name: one whose packages are not verified says so itself", async (one) => {
    const { made } = work(one, "gpgcheck=0\nrepo_gpgcheck=0\n");
    expect(await rpmPackages(made, await buildTree(made, one.target))).toContain("hello-2.10-5.x86_64");
  });

  test("a key that zypper may not fetch, and one that is not there, are told with the repository's file", async () => {
    const one = CASES[1];
    if (one === undefined) throw new Error("no cases");
    const fetched = await build(work(one, "gpgcheck=1\ngpgkey=https://example.invalid/key\n").made, one.target);
    expect(fetched.status).toBe(1);
    expect(fetched.stderr).toMatch(/repos\.d\/own\.repo of a sandbox tree has its key at https:\/\/example/);
    const lost = await build(work(one, "gpgcheck=1\ngpgkey=file:///etc/pki/lost\n").made, one.target);
    expect(lost.status).toBe(1);
    expect(lost.stderr).toMatch(
      /repos\.d\/own\.repo of a sandbox tree names a key that is not there: \/etc\/pki\/lost/,
    );
  });

  test("a definition that has changed is a reason to build again", async () => {
    const [one] = CASES;
    if (one === undefined) throw new Error("no cases");
    const { made, sandbox } = work(one, `gpgcheck=1\ngpgkey=file:///${KEY}\n`);
    const kept = ["--incremental=yes", `--cache-directory=${made.project}/layers`];
    expect(await rpmPackages(made, await buildTree(made, one.target, kept))).toContain("hello-2.10-5.x86_64");
    rmSync(join(sandbox, one.place), { recursive: true });
    expect(await rpmPackages(made, await buildTree(made, one.target, kept))).not.toContain("hello-2.10-5.x86_64");
  });
});
