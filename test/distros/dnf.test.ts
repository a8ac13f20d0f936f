// Images of the distributions that use dnf, made from the local mirror by the real dnf5 and dnf 4.

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { peerMissing } from "../support/peer.ts";
import { makeProject, writeTree } from "../support/project.ts";
import { build, buildByPeer, buildTree, files, read, rpmPackages, type Target } from "./build.ts";
import { mirrorMissing } from "./mirror.ts";
import { toolsWithout } from "./tools-without.ts";
import { withMirror } from "./with-mirror.ts";

const all = process.env["MKOSI_TEST_ALL"] === "1";

const missing = mirrorMissing();
const FEDORA: Target = { distribution: "fedora", release: "43" };
const HELLO = ["--package=hello"];
const el = (distribution: string, release?: string): Target => ({
  distribution,
  ...(release === undefined ? {} : { release }),
});

describe.skipIf(missing !== undefined)(
  `dnf${missing === undefined ? "" : `: ${missing}`}`,
  { timeout: 300_000 },
  () => {
    const mirror = withMirror();
    const work = () => ({ mirror, project: makeProject({ "mkosi.conf": "" }) });
    const paths = () => mirror.requests().map(({ path }) => path);

    // All others are in directory.test.ts.
    test.for<[string, Target, string, string]>([
      ["Fedora 43", FEDORA, "/fedora/linux/updates/43/Everything/x86_64/", "/usr/lib/sysimage/rpm"],
      ["CentOS 9", el("centos", "9"), "/centos/9-stream/AppStream/x86_64/os/", "/var/lib/rpm"],
    ])("%s has its packages from its own places", async ([, target, place, database]) => {
      const made = work();
      const tree = await buildTree(made, target, [...HELLO, "--manifest-format=json"]);
      expect(paths()).toContain(`${place}repodata/repomd.xml`);
      expect(paths().some((path) => /\/hello-2[^/]*\.rpm$/.test(path))).toBe(true);
      const packages = await rpmPackages(made, tree, database);
      expect(packages.some((name) => name.startsWith("hello-"))).toBe(true);
      expect(packages.some((name) => name.startsWith("hello-weak-"))).toBe(false);
      expect(read(tree, "var/lib/hello/log")).toMatch(/./);
      const manifest = JSON.parse(readFileSync(join(made.project, "image.manifest"), "utf8")) as {
        packages: { type: string; name: string; version: string; architecture: string }[];
      };
      const listed = manifest.packages.map((entry) => `${entry.name}-${entry.version}.${entry.architecture}`).sort();
      expect(listed).toEqual(packages);
      expect(manifest.packages[0]?.type).toBe("rpm");
    });

    test.skipIf(peerMissing() !== undefined).for<[Target, string]>([
      [FEDORA, "/usr/lib/sysimage/rpm"],
      [{ distribution: "centos", release: "9" }, "/var/lib/rpm"],
    ])("$0.distribution has the same packages and files as the original's", async ([target, database]) => {
      const made = work();
      const ours = await buildTree(made, target, HELLO);
      const theirs = await buildByPeer(made, target, HELLO);
      expect(await rpmPackages(made, ours, database)).toEqual(await rpmPackages(made, theirs, database));
      expect(files(ours)).toEqual(files(theirs));
    });

    test("dnf 4 makes the same image as dnf5", async () => {
      const made = work();
      const tree = await buildTree(made, FEDORA, HELLO);
      const packages = await rpmPackages(made, tree);
      // each has directories for its own state
      const common = (made: string) => files(made).filter((line) => !/\.\/(?:etc|run)\/dnf|libdnf5/.test(line));
      const before = common(tree);
      // a tools tree without dnf5
      const tools = join(made.project, "tools");
      await toolsWithout(mirror.toolsTree, tools, ["usr/bin/dnf5"], async () => {
        const other = await buildTree(made, FEDORA, [...HELLO, `--tools-tree=${tools}`]);
        expect(existsSync(join(made.project, "cache/dnf"))).toBe(true);
        expect(readdirSync(join(made.project, "cache/dnf")).some((name) => name.includes("~dnf~"))).toBe(true);
        expect(await rpmPackages(made, other)).toEqual(packages);
        expect(common(other)).toEqual(before);
        const group = await build(made, FEDORA, ["--package=@greting", `--tools-tree=${tools}`]);
        expect(group.stderr).toMatch(/the package @greting does not exist .*; similar: @greeting/);
      });
    });

    test("documentation and weak dependencies are there for those who ask", async () => {
      const made = work();
      const plain = await buildTree(made, FEDORA, [...HELLO, "--with-docs=no"]);
      expect(existsSync(join(plain, "usr/share/doc/hello"))).toBe(false);
      const rich = await buildTree(made, FEDORA, [...HELLO, "--with-recommends=yes"]);
      expect(readdirSync(join(rich, "usr/share/doc/hello")).length).toBeGreaterThan(0);
      expect((await rpmPackages(made, rich)).some((name) => name.startsWith("hello-weak-"))).toBe(true);
    });

    test.for(["@greeting", "hell*", "/usr/bin/hello", "hello-2.10-5"])(
      "%s is a package specification",
      async (spec) => {
        const made = work();
        const tree = await buildTree(made, FEDORA, [`--package=${spec}`]);
        expect((await rpmPackages(made, tree)).some((name) => name.startsWith("hello-2"))).toBe(true);
      },
    );

    test("packages are removed again", async () => {
      const made = work();
      const tree = await buildTree(made, FEDORA, [...HELLO, "--remove-package=hello", "--remove-package=nothing"]);
      expect((await rpmPackages(made, tree)).some((name) => name.startsWith("hello-2"))).toBe(false);
    });

    test("a package of this machine is preferred, also where it is older, and need not be signed", async () => {
      const made = work();
      const [older] = rpmFiles(join(mirror.root, "unsigned/fedora/linux/releases/43/Everything/x86_64/os"), "hello-2");
      if (older === undefined) throw new Error("no unsigned hello");
      mkdirSync(join(made.project, "mkosi.packages"));
      cpSync(older, join(made.project, "mkosi.packages", older.split("/").at(-1) ?? ""));
      const tree = await buildTree(made, FEDORA, HELLO);
      const name = older
        .split("/")
        .at(-1)
        ?.replace(/\.rpm$/, "");
      expect(await rpmPackages(made, tree)).toContain(name);
    });

    test("scripts use dnf and rpm on the image, and build scripts hand packages on", async () => {
      const made = work();
      const [file] = rpmFiles(join(mirror.root, "fedora/linux/releases/43/Everything/x86_64/os"), "hello-weak-");
      writeTree(made.project, {
        "mkosi.prepare": `#!/bin/sh\nset -e\n[ "$1" = final ] || exit 0\nmkosi-install hello\nrpm -q hello >"$BUILDROOT/prepared"\ndnf --version >/dev/null\n`,
        "mkosi.build": `#!/bin/sh\ncp "$SRCDIR"/given/*.rpm "$PACKAGEDIR"\n`,
      });
      mkdirSync(join(made.project, "given"));
      cpSync(file ?? "", join(made.project, "given", file?.split("/").at(-1) ?? ""));
      const tree = await buildTree(made, FEDORA, ["--volatile-package=hello-weak", "--package=bash"]);
      expect(read(tree, "prepared")).toMatch(/^hello-2/);
      expect((await rpmPackages(made, tree)).some((name) => name.startsWith("hello-weak-"))).toBe(true);
    });

    test("optional repositories count when they are named", async () => {
      const made = work();
      await buildTree(made, FEDORA, ["--package=bash", "--repositories=updates-testing"]);
      expect(paths().some((path) => path.startsWith("/fedora/linux/updates/testing/43/"))).toBe(true);
      const unknown = await build(made, FEDORA, ["--repositories=updates-testin"]);
      expect(unknown.stderr).toMatch(/no repository "updates-testin"/);
    });

    test("without Mirror=, metalinks name the mirrors", async () => {
      const made = work();
      const direct = ["--mirror=", `--proxy-url=${mirror.proxy}`];
      for (const target of [
        FEDORA,
        { distribution: "centos", release: "10" },
        { distribution: "rocky", release: "10" },
      ]) {
        const tree = await buildTree(made, target, [...direct, ...HELLO]);
        expect(existsSync(join(tree, "usr/bin/hello"))).toBe(true);
      }
      expect(mirror.requests().some(({ url }) => url.includes("mirrors.fedoraproject.org/metalink"))).toBe(true);
    });

    test("CacheOnly=always needs no mirror once all is there, and says what it lacks", async () => {
      const made = work();
      await buildTree(made, FEDORA, HELLO);
      mirror.forget();
      await buildTree(made, FEDORA, [...HELLO, "--cache-only=always"]);
      expect(mirror.requests()).toEqual([]);
      const lacking = await build(made, FEDORA, ["--package=hello-weak", "--cache-only=always"]);
      expect(lacking.status).toBe(1);
      expect(lacking.stderr).toMatch(
        /hello-weak\S* is not in the package cache .*CacheOnly=always forbids to download/,
      );
      expect(mirror.requests()).toEqual([]);
    });

    test("CleanPackageMetadata=yes leaves nothing of rpm", async () => {
      const tree = await buildTree(work(), FEDORA, ["--package=bash", "--clean-package-metadata=yes"]);
      for (const path of ["usr/lib/sysimage/rpm", "usr/lib/sysimage/libdnf5", "var/lib/dnf", "var/cache/libdnf5"])
        expect(existsSync(join(tree, path)), path).toBe(false);
    });

    test("a kept image is built again from its layers, and anew when the repositories change", async () => {
      const made = work();
      const kept = [...HELLO, "--incremental=yes", `--cache-dir=${made.project}/layers`];
      await buildTree(made, FEDORA, kept);
      mirror.forget();
      await buildTree(made, FEDORA, kept);
      expect(mirror.requests()).toEqual([]);
      const again = await build(made, FEDORA, [...kept, "--repositories=updates-testing"]);
      expect(again.status).toBe(0);
      expect(paths().length).toBeGreaterThan(0);
    });

    describe("what goes wrong", () => {
      test.for([
        ["unsigned", /the package hello-\S+ .*is not signed\n(?!.*distribution-gpg-keys)/],
        ["wrong-key", /the signature of the package hello-\S+ .*cannot be verified/],
      ] as const)("a package that is %s is not installed", async ([variant, message]) => {
        const made = work();
        // that of the updates is signed
        const older = ["--package=hello-2.10-5"];
        const result = await build(made, { ...FEDORA, variant }, older);
        expect(result.status).toBe(1);
        expect(result.stderr).toMatch(message);
        expect(existsSync(join(made.project, "image"))).toBe(false);
        expect((await build(made, { ...FEDORA, variant }, [...older, "--repository-key-check=no"])).status).toBe(0);
      });

      test("a stranger's package does not stay in the cache when the mirror is mended", async () => {
        const made = work();
        let place = "/wrong-key/fedora";
        // One address, whatever is behind it: another would have a cache of its own.
        const server = createServer(({ url = "" }, response) => {
          response.writeHead(302, { location: `${new URL(mirror.url("fedora")).origin}${place}${url}` }).end();
        });
        await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
        onTestFinished(() => void server.close());
        const options = [
          "--package=hello-2.10-5",
          `--mirror=http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        ];
        expect((await build(made, FEDORA, options)).status).toBe(1);
        place = "/fedora";
        await buildTree(made, FEDORA, options);
      });

      test("a package that does not exist is told in seconds, with its place", async () => {
        const made = work();
        writeFileSync(join(made.project, "mkosi.conf"), "[Content]\nPackages=hello\n        helo\n");
        const result = await build(made, FEDORA);
        const version = await build(made, FEDORA, ["--package=bash-99"]);
        expect(version.stderr).toMatch(/the package bash has no version that "bash-99" allows .*--package/);
        const group = await build(made, FEDORA, ["--package=@greting"]);
        expect(group.stderr).toMatch(/the package @greting does not exist .*; similar: @greeting/);
        expect(result.status).toBe(1);
        expect(result.stderr).toMatch(
          /the package helo does not exist in fedora 43 .*Packages= \(mkosi\.conf:3:9\); similar: hello/,
        );
        expect(paths().some((path) => path.endsWith(".rpm"))).toBe(false);
        expect(result.elapsed).toBeLessThan(15);
      });

      test.for(["corrupted", { status: 404 }, ...(all ? (["truncated", { status: 500 }] as const) : [])] as const)(
        "a download that is %j is a clear failure, and all is well when the mirror is",
        async (kind) => {
          const made = work();
          mirror.faults({ match: /hello-2.*\.rpm$/, kind });
          const result = await build(made, FEDORA, HELLO);
          expect(result.status).toBe(1);
          expect(result.stderr).toMatch(/the package hello-2\S*\.rpm of the repository updates cannot be downloaded/);
          expect(existsSync(join(made.project, "image"))).toBe(false);
          mirror.faults();
          await buildTree(made, FEDORA, HELLO);
        },
      );

      test("a mirror that recovers is tried again", async () => {
        mirror.faults(
          { match: /updates\/43.*repomd\.xml$/, kind: { status: 503 }, times: 4 },
          { match: /hello-2.*\.rpm$/, kind: "truncated", times: 2 },
          { match: /primary/, kind: { delay: 2 }, times: 1 },
        );
        await buildTree(work(), FEDORA, HELLO);
      });

      test("a repository that is not there is named with its address", async () => {
        mirror.faults({ match: /updates\/43.*repomd\.xml$/, kind: { status: 404 } });
        const result = await build(work(), FEDORA, HELLO);
        expect(result.status).toBe(1);
        expect(result.stderr).toMatch(/the repository updates cannot be had from http:\S+updates\/43\S+/);
      });
    });
  },
);

function rpmFiles(directory: string, prefix: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => (path.split("/").at(-1) ?? "").startsWith(prefix) && path.endsWith(".rpm"))
    .toSorted()
    .map((path) => join(directory, path));
}
