// Images of openSUSE, made from the local mirror by the real zypper.

import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { peerMissing } from "../support/peer.ts";
import { makeProject, writeTree } from "../support/project.ts";
import { build, buildByPeer, buildTree, files, read, rpmPackages, type Target } from "./build.ts";
import { mirrorMissing } from "./mirror.ts";
import { withMirror } from "./with-mirror.ts";

const all = process.env["MKOSI_TEST_ALL"] === "1";

const missing = mirrorMissing();
const TUMBLEWEED: Target = { distribution: "opensuse" };
const LEAP: Target = { distribution: "opensuse", release: "16.0" };
const HELLO = ["--package=hello"];

const title = `zypper${missing === undefined ? "" : `: ${missing}`}`;
describe.skipIf(missing !== undefined)(title, { timeout: 300_000 }, () => {
  const mirror = withMirror();
  const work = () => ({ mirror, project: makeProject({ "mkosi.conf": "" }) });
  const paths = () => mirror.requests().map(({ path }) => path);

  test.for<[string, Target, string]>([
    ["Tumbleweed", TUMBLEWEED, "/opensuse/tumbleweed/repo/oss/"],
    ["Leap 16.0", LEAP, "/opensuse/distribution/leap/16.0/repo/oss/"],
    [
      "a snapshot",
      { ...TUMBLEWEED, options: ["--snapshot=20250615"] },
      "/opensuse/history/20250615/tumbleweed/repo/oss/",
    ],
  ])("%s has its packages from its own places", async ([, target, place]) => {
    const made = work();
    const tree = await buildTree(made, target, [...HELLO, "--manifest-format=json"]);
    expect(paths()).toContain(`${place}repodata/repomd.xml`);
    const packages = await rpmPackages(made, tree);
    expect(packages.some((name) => name.startsWith("hello-2"))).toBe(true);
    expect(packages.some((name) => name.startsWith("hello-weak-"))).toBe(false);
    const manifest = JSON.parse(readFileSync(join(made.project, "image.manifest"), "utf8")) as {
      packages: { name: string; version: string; architecture: string }[];
    };
    expect(manifest.packages.map((entry) => `${entry.name}-${entry.version}.${entry.architecture}`).sort()).toEqual(
      packages,
    );
    // openSUSE's rpm reads no other database
    expect(existsSync(join(tree, "usr/lib/sysimage/rpm/Packages.db"))).toBe(true);
  });

  test.skipIf(peerMissing() !== undefined)("the same packages and files as the original's", async () => {
    const made = work();
    const ours = await buildTree(made, TUMBLEWEED, HELLO);
    const theirs = await buildByPeer(made, TUMBLEWEED, HELLO);
    expect(await rpmPackages(made, ours)).toEqual(await rpmPackages(made, theirs));
    expect(files(ours)).toEqual(files(theirs));
  });

  test("documentation and weak dependencies are there for those who ask", async () => {
    const made = work();
    const plain = await buildTree(made, TUMBLEWEED, [...HELLO, "--with-docs=no"]);
    expect(existsSync(join(plain, "usr/share/doc/hello/README"))).toBe(false);
    const rich = await buildTree(made, TUMBLEWEED, [...HELLO, "--with-recommends=yes"]);
    expect(existsSync(join(rich, "usr/share/doc/hello"))).toBe(true);
    expect((await rpmPackages(made, rich)).some((name) => name.startsWith("hello-weak-"))).toBe(true);
  });

  test("packages are removed again", async () => {
    const made = work();
    const tree = await buildTree(made, TUMBLEWEED, [...HELLO, "--remove-package=hello", "--remove-package=nothing"]);
    expect((await rpmPackages(made, tree)).some((name) => name.startsWith("hello-2"))).toBe(false);
  });

  test("a package of this machine is preferred, also where it is older", async () => {
    const made = work();
    const older = "hello-2.10-5.x86_64.rpm";
    mkdirSync(join(made.project, "mkosi.packages"));
    cpSync(
      join(mirror.root, "opensuse/tumbleweed/repo/oss/x86_64", older),
      join(made.project, "mkosi.packages", older),
    );
    const tree = await buildTree(made, TUMBLEWEED, HELLO);
    expect(await rpmPackages(made, tree)).toContain("hello-2.10-5.x86_64");
  });

  test("scripts use zypper and rpm on the image", async () => {
    const made = work();
    writeTree(made.project, {
      "mkosi.prepare": `#!/bin/sh\nset -e\nmkosi-install hello\nrpm -q hello >"$BUILDROOT/prepared"\nzypper search --installed-only hello\nmkosi-remove hello\n`,
    });
    const tree = await buildTree(made, TUMBLEWEED, ["--package=bash"]);
    expect(read(tree, "prepared")).toMatch(/^hello-2/);
    expect((await rpmPackages(made, tree)).some((name) => name.startsWith("hello-2"))).toBe(false);
  });

  test("CacheOnly=always needs no mirror once all is there", async () => {
    const made = work();
    await buildTree(made, TUMBLEWEED, HELLO);
    mirror.forget();
    await buildTree(made, TUMBLEWEED, [...HELLO, "--cache-only=always"]);
    const lacking = await build(made, TUMBLEWEED, ["--package=hello-weak", "--cache-only=always"]);
    expect(lacking.status).toBe(1);
    expect(lacking.stderr).toMatch(/hello-weak\S* is not in the package cache .*CacheOnly=always forbids to download/);
    expect(mirror.requests()).toEqual([]);
  });

  describe("what goes wrong", () => {
    // what signed metadata says of a package is as good as the package's own signature
    test("where the metadata is not signed, packages have to be", async () => {
      const made = work();
      mirror.faults({ match: /repomd\.xml\.(?:asc|key)/, kind: { status: 404 } });
      const target: Target = { ...TUMBLEWEED, variant: "unsigned" };
      const result = await build(made, target, ["--package=hello=2.10-5"]);
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/the package \S+ is not signed/);
      expect(existsSync(join(made.project, "image"))).toBe(false);
      await buildTree(made, target, ["--package=hello=2.10-5", "--repository-key-check=no"]);
    });

    test("metadata that a stranger has signed is not used", async () => {
      const result = await build(work(), { ...TUMBLEWEED, variant: "wrong-key" }, HELLO);
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(
        /the signature of the metadata of the repository oss(?:-update)? cannot be verified\n/,
      );
    });

    test("metadata that somebody has changed is not used", async () => {
      const path = "opensuse/update/tumbleweed/repodata/repomd.xml.asc";
      mirror.faults({ match: /repo\/oss\/repodata\/repomd\.xml\.asc/, kind: { path } });
      const result = await build(work(), TUMBLEWEED, HELLO);
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/the signature of the metadata of the repository oss cannot be verified/);
    });

    test("a package that does not exist is told in seconds, with its place", async () => {
      const made = work();
      writeFileSync(join(made.project, "mkosi.conf"), "[Content]\nPackages=hello\n        helo\n");
      const result = await build(made, TUMBLEWEED);
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(
        /the package helo does not exist in opensuse tumbleweed .*\(mkosi\.conf:3:9\); similar: hello/,
      );
      expect(paths().some((path) => path.endsWith(".rpm"))).toBe(false);
    });

    test.for(["corrupted", { status: 404 }, ...(all ? ([{ status: 500 }] as const) : [])] as const)(
      "a download that is %j is a clear failure, and all is well when the mirror is",
      async (kind) => {
        const made = work();
        mirror.faults({ match: /hello-2.*\.rpm$/, kind });
        const result = await build(made, TUMBLEWEED, HELLO);
        expect(result.status).toBe(1);
        expect(result.stderr).toMatch(/the package hello-2\S*\.rpm of \S.* cannot be downloaded/);
        mirror.faults();
        await buildTree(made, TUMBLEWEED, HELLO);
      },
    );

    test("a mirror that recovers is tried again", async () => {
      mirror.faults(
        { match: /oss\/repodata\/repomd\.xml$/, kind: { status: 503 }, times: 2 },
        { match: /hello-2.*\.rpm$/, kind: { status: 503 }, times: 1 },
      );
      await buildTree(work(), TUMBLEWEED, HELLO);
    });

    test("a repository that is not there is named with its address", async () => {
      mirror.faults({ match: /tumbleweed\/repo\/oss/, kind: { status: 404 } });
      const result = await build(work(), TUMBLEWEED, HELLO);
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/the repository oss cannot be had from http:\S+tumbleweed\/repo\/oss/);
    });
  });
});
