// Packages that are asked for by their files on this machine, or by addresses, with the real package managers.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject, writeTree } from "../support/project.ts";
import { build, buildTree, read, rpmPackages, type Target } from "./build.ts";
import { mirrorMissing } from "./mirror.ts";
import { withMirror } from "./with-mirror.ts";

const missing = mirrorMissing();
const FEDORA: Target = { distribution: "fedora", release: "43" };
const TUMBLEWEED: Target = { distribution: "opensuse" };
const PLACES: Readonly<Record<string, string>> = {
  fedora: "fedora/linux/releases/43/Everything/x86_64/os",
  opensuse: "opensuse/tumbleweed/repo/oss",
};

const title = `rpm packages by file and address${missing === undefined ? "" : `: ${missing}`}`;
describe.skipIf(missing !== undefined)(title, { timeout: 300_000 }, () => {
  const mirror = withMirror();

  /** A project with a package's file, which nobody has signed. */
  function work({ distribution }: Target, name: string, file: string) {
    const place = join("unsigned", PLACES[distribution] ?? "");
    const found = readdirSync(join(mirror.root, place), { recursive: true, encoding: "utf8" }).find((path) =>
      path.split("/").at(-1)?.startsWith(name),
    );
    if (found === undefined) throw new Error(`no ${name} in ${place}`);
    const project = makeProject({ "mkosi.conf": `[Include]\nInclude=more\n`, "more/mkosi.conf": "", "more/rpms": {} });
    const path = join(project, "more/rpms", file);
    cpSync(join(mirror.root, place, found), path);
    const url = `${mirror.url(distribution as "fedora", "unsigned")}/${join(place, found).split("/").slice(2).join("/")}`;
    return { made: { mirror, project }, path, url };
  }
  const configure = (project: string, text: string) => writeFileSync(join(project, "more/mkosi.conf"), text);

  describe.each([FEDORA, TUMBLEWEED])("$distribution", (target) => {
    test("a file is found beside the configuration that names it, may be older and need not be signed", async () => {
      const { made } = work(target, "hello-2.10-5", "hello.rpm");
      configure(made.project, "[Content]\nPackages=./rpms/hello.rpm\n");
      const tree = await buildTree(made, target);
      expect(await rpmPackages(made, tree)).toContain("hello-2.10-5.x86_64");
      expect(mirror.requests().some(({ path }) => /\/hello-2[^/]*\.rpm$/.test(path))).toBe(false);
      // what the repositories have is still verified
      expect(read(tree, "var/lib/hello/log")).toMatch(/./);
    });

    test("an address is one, too", async () => {
      const { made, url } = work(target, "hello-2.10-5", "hello.rpm");
      const tree = await buildTree(made, target, [`--package=${url}`]);
      expect(await rpmPackages(made, tree)).toContain("hello-2.10-5.x86_64");
    });

    test("another file in its place is a reason to build again, an unchanged one is not", async () => {
      const { made, path } = work(target, "hello-weak", "one.rpm");
      configure(made.project, "[Content]\nPackages=./rpms/one.rpm\n");
      const kept = ["--incremental=yes", `--cache-directory=${made.project}/layers`];
      const names = async () => (await rpmPackages(made, await buildTree(made, target, kept))).join(" ");
      expect(await names()).toMatch(/hello-weak-1/);
      mirror.forget();
      expect(await names()).toMatch(/hello-weak-1/);
      expect(mirror.requests()).toEqual([]);
      cpSync(work(target, "hello-2.10-5", "hello.rpm").path, path);
      const after = await names();
      expect(after).toMatch(/hello-2\.10-5/);
      expect(after).not.toMatch(/hello-weak/);
    });

    test("build packages and volatile packages are given the same way", async () => {
      const { made, path } = work(target, "hello-weak", "weak.rpm");
      writeTree(made.project, {
        "mkosi.build": `#!/bin/sh\nset -e\nrpm -q hello-weak >"$DESTDIR/while-building"\n`,
      });
      const options = ["--package=bash", `--build-package=${path}`];
      const tree = await buildTree(made, target, options);
      expect(read(tree, "while-building")).toMatch(/^hello-weak-1/);
      expect((await rpmPackages(made, tree)).join(" ")).not.toMatch(/hello-weak/);
      const rich = await buildTree(made, target, [...options, `--volatile-package=${path}`]);
      expect((await rpmPackages(made, rich)).join(" ")).toMatch(/hello-weak-1/);
    });
  });

  test("a file that is not there, and one of another kind, are told with their places", async () => {
    const { made } = work(FEDORA, "hello-weak", "weak.rpm");
    configure(made.project, "[Content]\nPackages=bash\n  ./rpms/other.rpm\n");
    const lost = await build(made, FEDORA);
    expect(lost.status).toBe(1);
    expect(lost.stderr).toMatch(/Packages=: the package \/\S+\/more\/rpms\/other\.rpm does not exist/);
    expect(lost.stderr).toMatch(/more\/mkosi\.conf:3:3/);
    configure(made.project, "");
    const other = await build(made, FEDORA, ["--package=/x/other.deb"]);
    expect(other.status).toBe(1);
    expect(other.stderr).toMatch(/Packages=: \/x\/other\.deb is no package of this distribution/);
  });

  test.for([FEDORA, TUMBLEWEED])("a file that is no package is named: $distribution", async (target) => {
    const { made, path } = work(target, "hello-weak", "weak.rpm");
    writeFileSync(path, "nothing");
    const result = await build(made, target, [`--package=${path}`]);
    expect(result.status).toBe(1);
    expect(result.stderr).toContain(`Packages=: ${path} is damaged, or no package`);
  });

  test("one in PackageDirectories= that is no package is named, too", async () => {
    const { made, path } = work(FEDORA, "hello-weak", "weak.rpm");
    configure(made.project, "[Content]\nPackageDirectories=rpms\n");
    writeFileSync(path, "nothing");
    const result = await build(made, FEDORA);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/PackageDirectories=: \S+\/more\/rpms\/weak\.rpm is damaged, or no package/);
    expect(result.stderr).toMatch(/more\/mkosi\.conf:2:20/);
    writeFileSync(join(made.project, "more/rpms/weak-1-1-any.pkg.tar.zst"), "nothing");
    const arch = await build(made, { distribution: "arch" });
    expect(arch.status).toBe(1);
    expect(arch.stderr).toMatch(/PackageDirectories=: \S+\/weak-1-1-any\.pkg\.tar\.zst is damaged, or no package/);
  });
});

describe("deb packages by file", { timeout: 300_000 }, () => {
  /** Makes a package whose only file says `text`. */
  function makeDeb(path: string, name: string, text: string): void {
    const tree = `${path}.tree`;
    writeTree(tree, {
      "DEBIAN/control": `Package: ${name}\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.com>\nDepends: base-files\nDescription: test\n`,
      [`usr/share/${name}`]: text,
    });
    execFileSync("dpkg-deb", ["--root-owner-group", "--build", tree, path], { stdio: "ignore" });
    rmSync(tree, { recursive: true });
  }
  const CONFIGURATION =
    "[Distribution]\nDistribution=debian\nRelease=trixie\n[Output]\nFormat=directory\n[Content]\nBootable=no\n";

  test("of all three lists, and a changed one is a reason to build again", async () => {
    const cwd = makeProject({
      "mkosi.conf": `${CONFIGURATION}Packages=./debs/mkosi-test-a.deb\nBuildPackages=debs/mkosi-test-b.deb\nVolatilePackages=./debs/mkosi-test-c.deb\n`,
      debs: {},
      "mkosi.build": `#!/bin/sh\nset -e\ncp "$BUILDROOT/usr/share/mkosi-test-b" "$DESTDIR/b"\n`,
    });
    mkdirSync(join(cwd, "layers"));
    for (const name of ["a", "b", "c"]) makeDeb(join(cwd, `debs/mkosi-test-${name}.deb`), `mkosi-test-${name}`, name);
    const once = async () =>
      await mkosiOk(["--incremental=yes", `--cache-directory=${cwd}/layers`, "-f", "build"], { cwd });
    await once();
    const texts = () =>
      ["usr/share/mkosi-test-a", "b", "usr/share/mkosi-test-c"].map((path) => read(join(cwd, "image"), path));
    expect(texts()).toEqual(["a", "b", "c"]);
    makeDeb(join(cwd, "debs/mkosi-test-a.deb"), "mkosi-test-a", "another");
    makeDeb(join(cwd, "debs/mkosi-test-c.deb"), "mkosi-test-c", "third");
    await once();
    expect(texts()).toEqual(["another", "b", "third"]);
  });

  test("a file that is no package is named", async () => {
    const cwd = makeProject({ "mkosi.conf": `${CONFIGURATION}Packages=./x.deb\n`, "x.deb": "nothing" });
    const result = await mkosi(["build"], { cwd });
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/Packages=: \S+\/x\.deb is damaged, or no package/);
    const among = makeProject({ "mkosi.conf": `${CONFIGURATION}PackageDirectories=given\n`, "given/x.deb": "nothing" });
    const second = await mkosi(["build"], { cwd: among });
    expect(second.status).toBe(1);
    expect(second.stderr).toMatch(
      /PackageDirectories=: \S+\/given\/x\.deb is damaged, or no package[^]*mkosi\.conf:8:20/,
    );
  });

  test("apt takes no addresses", async () => {
    const cwd = makeProject({ "mkosi.conf": `${CONFIGURATION}Packages=https://example.invalid/x.deb\n` });
    const result = await mkosi(["build"], { cwd });
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(
      /https:\/\/example\.invalid\/x\.deb is an address, and apt installs no packages from/,
    );
    expect(result.stderr).toMatch(/mkosi\.conf:8:10/);
  });
});
