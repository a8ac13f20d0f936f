// RepositoryKeyFetch=: with tools that have no keys of the distributions, these come over the network.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeProject } from "../support/project.ts";
import { build, buildTree, rpmPackages, type Target } from "./build.ts";
import { type Mirror, mirrorMissing } from "./mirror.ts";
import { toolsWithout } from "./tools-without.ts";
import { withMirror } from "./with-mirror.ts";

const missing = mirrorMissing();
const HELLO = ["--package=hello"];
const KEYS = ["usr/share/distribution-gpg-keys", "etc/pki/rpm-gpg", "usr/share/pacman/keyrings", "usr/share/keyrings"];
const COLLECTION = "https://raw.githubusercontent.com/rpm-software-management/distribution-gpg-keys/main/keys";

const title = `keys from the network${missing === undefined ? "" : `: ${missing}`}`;
describe.skipIf(missing !== undefined)(title, { timeout: 300_000 }, () => {
  const mirror = withMirror();
  const urls = () => mirror.requests().map(({ url }) => url);

  /** A project whose tools have no keys, and the options for them. */
  async function withoutKeys(use: (made: { mirror: Mirror; project: string }, options: string[]) => Promise<void>) {
    const made = { mirror, project: makeProject({ "mkosi.conf": "" }) };
    const tools = join(made.project, "tools");
    const there = KEYS.filter((path) => existsSync(join(mirror.toolsTree, path)));
    await toolsWithout(mirror.toolsTree, tools, there, async () => {
      await use(made, [`--tools-tree=${tools}`, `--proxy-url=${mirror.proxy}`, ...HELLO]);
    });
  }

  test.for<[string, Target, string]>([
    ["Fedora", { distribution: "fedora", release: "43" }, `${COLLECTION}/fedora/RPM-GPG-KEY-fedora-43-primary`],
    ["CentOS", { distribution: "centos", release: "10" }, "https://www.centos.org/keys/RPM-GPG-KEY-CentOS-SIG-Extras"],
    [
      "Rocky",
      { distribution: "rocky", release: "10" },
      "https://download.rockylinux.org/pub/rocky/RPM-GPG-KEY-Rocky-10",
    ],
  ])("%s's are where the distribution has them", async ([, target, url]) => {
    await withoutKeys(async (made, options) => {
      const refused = await build(made, target, options);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(/the key that verifies packages of the repository \S+ is missing/);
      expect(refused.stderr).toMatch(/RepositoryKeyFetch=yes/);
      const tree = await buildTree(made, target, [...options, "--repository-key-fetch=yes"]);
      expect((await rpmPackages(made, tree)).some((name) => name.startsWith("hello-2"))).toBe(true);
      expect(urls()).toContain(url);
      // they are there for builds without a network
      mirror.forget();
      await buildTree(made, target, [...options, "--repository-key-fetch=yes", "--cache-only=always"]);
      expect(urls()).toEqual([]);
    });
  });

  test("a stranger's package is refused all the same", async () => {
    await withoutKeys(async (made, options) => {
      const target: Target = { distribution: "fedora", release: "43", variant: "wrong-key" };
      const result = await build(made, target, [...options, "--package=hello-2.10-5", "--repository-key-fetch=yes"]);
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/the signature of the package hello-\S+ .*cannot be verified/);
    });
  });

  test("rawhide's key is that of the newest release, and those around it count, too", async () => {
    const link = { match: /rawhide-primary$/, kind: { text: "RPM-GPG-KEY-fedora-45-primary" } } as const;
    mirror.faults(link, { match: /fedora-46-primary$/, kind: { status: 404 } });
    await withoutKeys(async (made, options) => {
      const target = { distribution: "fedora", release: "rawhide" };
      await buildTree(made, target, [...options, "--repository-key-fetch=yes"]);
      for (const release of ["45", "44", "46"])
        expect(urls()).toContain(`${COLLECTION}/fedora/RPM-GPG-KEY-fedora-${release}-primary`);
    });
  });

  test("a key that cannot be had, and what is no key, are told with their addresses", async () => {
    await withoutKeys(async (made, options) => {
      const target = { distribution: "fedora", release: "43" };
      mirror.faults({ match: /fedora-43-primary$/, kind: { status: 404 } });
      const lost = await build(made, target, [...options, "--repository-key-fetch=yes"]);
      expect(lost.status).toBe(1);
      expect(lost.stderr).toContain(
        `the key that verifies packages cannot be had from ${COLLECTION}/fedora/RPM-GPG-KEY-fedora-43-primary`,
      );
      mirror.faults({ match: /fedora-43-primary$/, kind: { text: "<html>log in</html>" } });
      const other = await build(made, target, [...options, "--repository-key-fetch=yes"]);
      expect(other.status).toBe(1);
      expect(other.stderr).toMatch(/there is no key at https:\S+fedora-43-primary/);
    });
  });

  test("Arch's are in a package of its mirror", async () => {
    await withoutKeys(async (made, options) => {
      const target = { distribution: "arch" };
      const refused = await build(made, target, options);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(
        /the keys that verify packages of \S+ are missing: archlinux\n[^]*RepositoryKeyFetch=yes/,
      );
      const fetching = [...options, "--repository-key-fetch=yes"];
      const tree = await buildTree(made, target, fetching);
      expect(existsSync(join(tree, "usr/bin/hello"))).toBe(true);
      expect(urls().some((url) => /archlinux-keyring-[^/]*\.zst$/.test(url))).toBe(true);
      mirror.forget();
      await buildTree(made, target, [...fetching, "--cache-only=always"]);
      expect(urls()).toEqual([]);
      // in the same cache it would find the package that it has verified
      const anew = `--package-cache-directory=${made.project}/other`;
      const stranger = await build(made, { ...target, variant: "wrong-key" }, [...fetching, anew]);
      expect(stranger.status).toBe(1);
      expect(stranger.stderr).toMatch(/hello-\S+ .*(?:sign|trust|verif)/);
    });
  });

  test("openSUSE's are in its repositories", async () => {
    await withoutKeys(async (made, options) => {
      const target = { distribution: "opensuse" };
      const refused = await build(made, target, options);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(/the key that verifies packages of the repository oss is missing/);
      const tree = await buildTree(made, target, [...options, "--repository-key-fetch=yes"]);
      expect((await rpmPackages(made, tree)).some((name) => name.startsWith("hello-2"))).toBe(true);
      expect(urls().some((url) => url.endsWith("repomd.xml.key"))).toBe(true);
    });
  });
});
