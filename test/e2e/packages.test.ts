// apt and dpkg for real: what our ordered run makes of a base system is what apt itself makes of it, nothing is solved
// twice, and packages that exclude what is there replace it. Needs root, as bubblewrap is called without the namespace
// that `mkosi` makes for other users.

import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { debian } from "../../src/distributions/debian.ts";
import { aptSpec } from "../../src/package-managers/apt/command.ts";
import { BASE_PACKAGES, parseFileName, planBase } from "../../src/package-managers/apt/fetch.ts";
import { prepareTree } from "../../src/package-managers/apt/install.ts";
import { apt } from "../../src/package-managers/apt.ts";
import type { PackageContext, PackageRequest } from "../../src/package-managers/manager.ts";
import { mergeUsr } from "../../src/package-managers/usr-merge.ts";
import { nodeReport } from "../../src/report/events.ts";
import { createRunner } from "../../src/sandbox/spawn.ts";
import type { Runner } from "../../src/sandbox/spec.ts";
import { userCache } from "../../src/sandbox/user-cache.ts";
import { makeImage } from "../support/image.ts";

const asRoot = process.getuid?.() === 0;
const requests: PackageRequest[] = ["systemd", "udev"].map((spec) => ({
  spec,
  setting: "Packages",
  origin: undefined,
}));

interface Bench extends PackageContext {
  readonly root: string;
  /** Programs that were run, without their arguments. */
  readonly runs: string[];
}

function makeBench(): Bench {
  // memory rather than a disk, on which unpacking takes several times as long
  const directory = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "mkosi-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const name of ["scratch", "root"]) mkdirSync(join(directory, name));
  const image = makeImage({ release: "trixie" });
  const runner = createRunner({ directory: join(directory, "sandbox"), log: () => {} });
  const runs: string[] = [];
  const counted: Runner = {
    ...runner,
    run(spec) {
      runs.push(spec.argv.find((argument) => /^(apt-|dpkg)/.test(argument)) ?? spec.argv[0] ?? "");
      return runner.run(spec);
    },
  };
  return {
    image,
    runner: counted,
    runs,
    toolbox: { kind: "host", searchPaths: [] },
    report: nodeReport("main", () => {}),
    scratch: join(directory, "scratch"),
    root: join(directory, "root"),
    packageCache: userCache(0),
    localPackages: [],
    repositories: debian.repositories(image.config),
    architecture: "amd64",
  };
}

/** Everything in a tree but times: `mode uid gid content`. */
function listing(root: string, directory = ""): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const name of readdirSync(join(root, directory))) {
    const path = join(directory, name);
    const status = lstatSync(join(root, path));
    const content = status.isSymbolicLink()
      ? readlinkSync(join(root, path))
      : status.isFile()
        ? digest(root, path)
        : "";
    entries[path] = `${status.mode.toString(8)} ${status.uid} ${status.gid} ${content}`;
    if (status.isDirectory()) Object.assign(entries, listing(root, path));
  }
  return entries;
}

/** Files whose content tells when or where they were made, or has no order. */
const DIFFERS = ["var/cache/ldconfig/aux-cache", "var/log/alternatives.log", "etc/machine-id"];

function digest(root: string, path: string): string {
  if (DIFFERS.includes(path)) return "";
  const content = readFileSync(join(root, path));
  const ordered = path === "var/lib/dpkg/triggers/File" ? content.toString().split("\n").sort().join("\n") : content;
  return createHash("sha256").update(ordered).digest("hex");
}

/** The base system as apt makes it when nothing is done in its place: everything extracted, then installed by apt. */
async function installByApt(bench: Bench): Promise<void> {
  const { files } = await planBase(bench);
  await mergeUsr(bench.root, bench.architecture);
  const extract = `for f; do dpkg-deb --fsys-tarfile "$f" | tar --extract --directory /buildroot --keep-directory-symlink --preserve-permissions; done`;
  await bench.runner.run(aptSpec(bench, { argv: ["sh", "-c", extract, "sh", ...files], root: bench.root }));
  await prepareTree(bench.root);
  for (const names of [files.map((file) => parseFileName(file).name), requests.map(({ spec }) => spec)]) {
    await bench.runner.run(
      aptSpec(bench, { argv: ["apt-get", "install", "--no-download", ...names], root: bench.root, scripts: true }),
    );
  }
}

describe.skipIf(!asRoot)("apt", () => {
  test("makes the same tree when we order its work, and when we take its base from the cache", async () => {
    const bench = makeBench();
    // a cache that has no base system yet, and all packages
    const packageCache = join(bench.scratch, "cache");
    mkdirSync(join(packageCache, "apt"), { recursive: true });
    mkdirSync(join(bench.packageCache, "apt/debian~archives"), { recursive: true });
    symlinkSync(join(bench.packageCache, "apt/debian~archives"), join(packageCache, "apt/debian~archives"));
    const [made, cached, reference] = ["made", "cached", "reference"].map((name) => {
      mkdirSync(join(bench.root, name));
      return { ...bench, packageCache, root: join(bench.root, name) };
    });
    if (made === undefined || cached === undefined || reference === undefined) throw new Error("no trees");
    await apt.sync(made);
    await apt.fetch(made, [...BASE_PACKAGES, ...requests]);
    await installByApt(reference);
    const expected = listing(reference.root);
    expect(Object.keys(expected).length).toBeGreaterThan(4000);
    for (const ours of [made, cached]) {
      bench.runs.length = 0;
      await apt.bootstrap(ours, ours.root);
      // looking for preinst scripts, extraction, installation, keeping — or just unpacking
      expect(bench.runs).toHaveLength(ours === made ? 4 : 1);
      await apt.install(ours, ours.root, requests);
      expect(listing(ours.root)).toEqual(expected);
    }
  });

  test("keeps what a skeleton tree has", async () => {
    const bench = makeBench();
    mkdirSync(join(bench.root, "etc"));
    writeFileSync(join(bench.root, "etc/bash.bashrc"), "# ours\n");
    await apt.sync(bench);
    await apt.bootstrap(bench, bench.root);
    // neither from the cache nor for it: a skeleton's files may change what scripts do
    expect(bench.runs.at(-1)).toBe("sh");
    expect(readFileSync(join(bench.root, "etc/bash.bashrc"), "utf8")).toBe("# ours\n");
  });

  test("is asked once, then plans are kept", async () => {
    const first = makeBench();
    await apt.sync(first);
    await apt.fetch(first, [...BASE_PACKAGES, ...requests]);
    const bench = makeBench();
    await apt.sync(bench);
    await apt.fetch(bench, [...BASE_PACKAGES, ...requests]);
    expect(bench.runs).toEqual([]);
    await apt.bootstrap(bench, bench.root);
    await apt.install(bench, bench.root, requests);
    // no solver in between: a tree is what its plan says
    expect(bench.runs.filter((program) => program.startsWith("apt-"))).toEqual([]);
    const names = (await apt.installed(bench, bench.root)).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["bash", "systemd", "udev"]));
  });

  test("replaces what excludes the new, and removes what is not wanted", async () => {
    const bench = makeBench();
    const request = (spec: string): PackageRequest => ({ spec, setting: "Packages", origin: undefined });
    await apt.sync(bench);
    await apt.bootstrap(bench, bench.root);
    await apt.install(bench, bench.root, [request("systemd-standalone-sysusers")]);
    expect(existsSync(join(bench.root, "usr/bin/systemd-sysusers"))).toBe(true);
    await apt.install(bench, bench.root, [request("systemd")]);
    const names = async () => (await apt.installed(bench, bench.root)).map(({ name }) => name);
    expect(await names()).toContain("systemd");
    expect(await names()).not.toContain("systemd-standalone-sysusers");
    await apt.remove(bench, bench.root, ["systemd", "dpkg"]);
    expect(await names()).not.toContain("systemd");
    // nobody asked for it but systemd
    expect(await names()).not.toContain("libsystemd-shared");
    expect(existsSync(join(bench.root, "usr/bin/dpkg"))).toBe(false);
    expect(existsSync(join(bench.root, "usr/sbin/policy-rc.d"))).toBe(false);
  });

  test("names every package that does not exist before it installs anything", async () => {
    const bench = makeBench();
    const origin = { kind: "file", path: "/p/mkosi.conf", line: 4, column: 1 } as const;
    const wrong = ["systmd", "nosuch-package-at-all"].map((spec) => ({ spec, setting: "Packages", origin }));
    await apt.sync(bench);
    const failure = await apt.fetch(bench, [...BASE_PACKAGES, ...wrong]).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "Failure", details: { origin } });
    const message = (failure as Error).message;
    expect(message).toMatch(
      /the package systmd does not exist in debian trixie \(main\), asked for by Packages= \(\/p\/mkosi\.conf:4:1\); similar: systemd/,
    );
    expect(message).toContain("nosuch-package-at-all");
    expect(readdirSync(bench.root)).toEqual([]);
  });

  test("says which repository cannot be had", async () => {
    const bench = makeBench();
    const absent = { ...bench, repositories: [{ id: "x", url: "http://127.0.0.1:9/debian", suite: "trixie" }] };
    await expect(apt.sync(absent)).rejects.toThrow(
      /http:\/\/127\.0\.0\.1:9\/debian\/dists\/trixie\/InRelease cannot be fetched/,
    );
  });
});
