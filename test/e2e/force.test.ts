// What -f, -ff and -fff make again, what clean removes with each of them, and what CacheOnly= asks of the network.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { CHECKOUT, type Finished, mkosi, mkosiOk } from "../support/mkosi.ts";
import { peerDirectory, peerMissing } from "../support/peer.ts";
import { privateCache } from "../support/private-cache.ts";
import { makeProject, writeTree } from "../support/project.ts";
import { keptToolsTree } from "../support/tools-tree.ts";
import { unprivilegedUser } from "../support/user.ts";

const CONF = `[Distribution]
Distribution=debian
Release=trixie

[Output]
Format=directory
SplitArtifacts=

[Content]
Packages=less
Bootable=no

[Build]
Incremental=yes
ToolsTree=default
`;

const asRoot = test.skipIf(process.getuid?.() !== 0);
const fetches = ({ stderr }: Finished) => stderr.includes("Fetching packages");
const PEER_ENV = {
  ...process.env,
  PYTHONPATH: join(peerDirectory(), "usr/lib/python3/dist-packages"),
  PYTHONDONTWRITEBYTECODE: "1",
};
/** The names of downloaded packages by a pattern. */
function packagesIn(cache: string, pattern: RegExp): string[] {
  const archives = join(cache, "apt/debian~archives");
  return existsSync(archives)
    ? readdirSync(archives)
        .filter((name) => pattern.test(name))
        .map((name) => join(archives, name))
    : [];
}

asRoot("each -f makes more again, and clean removes as much", { timeout: 600_000 }, async () => {
  const cwd = makeProject({
    "mkosi.conf": CONF,
    "mkosi.cache": {},
    "mkosi.builddir": {},
    "mkosi.build": `#!/bin/sh -e\necho run >>"$BUILDDIR/runs"\n`,
  });
  // The shared cache has all that is needed then.
  await mkosiOk(["--incremental=no"], { cwd });
  rmSync(join(cwd, "mkosi.builddir"), { recursive: true });
  mkdirSync(join(cwd, "mkosi.builddir"));
  const { path: cache, env } = privateCache();
  const call = (...args: string[]) => mkosiOk(args, { cwd, env });
  const runs = () => readFileSync(join(cwd, "mkosi.builddir/debian~trixie~x86-64/runs"), "utf8");
  const trees = () =>
    readdirSync(join(cache, "tools")).filter((name) => existsSync(join(cache, "tools", name, "complete")));
  const layers = () => readdirSync(join(cwd, "mkosi.cache/layers")).length;
  const treesBefore = trees();

  const { stderr } = await mkosiOk([], { cwd, env });
  expect(stderr).toContain("add -f");
  expect(fetches(await call("-f"))).toBe(true);
  expect(fetches(await call("-f"))).toBe(false);
  expect(runs()).toBe("run\n");

  const [less = ""] = packagesIn(cache, /^less_/);
  const { ino } = statSync(less);
  expect(fetches(await call("-ff"))).toBe(true);
  // The build directory was emptied, packages and tools stay.
  expect([runs(), statSync(less).ino]).toEqual(["run\n", ino]);
  expect(trees()).toEqual(treesBefore);

  expect(fetches(await call("-fff"))).toBe(true);
  expect(statSync(less).ino).not.toBe(ino);
  expect(packagesIn(cache, /\.deb$/).length).toBeLessThan(150);
  expect(trees()).toEqual(treesBefore);

  await call("clean");
  expect(existsSync(join(cwd, "image"))).toBe(false);
  expect(runs()).toBe("run\n");
  const kept = layers();
  expect(fetches(await call("-f"))).toBe(false);

  await call("-f", "clean");
  expect(existsSync(join(cwd, "mkosi.builddir/debian~trixie~x86-64/runs"))).toBe(false);
  expect(layers()).toBeLessThan(kept);
  expect(trees()).toHaveLength(treesBefore.length - 1);
  expect(existsSync(less)).toBe(true);

  await call("-ff", "clean");
  expect(packagesIn(cache, /./)).toEqual([]);
});

/** A sub-image. */
const DIRECTORY = { "mkosi.conf": "[Output]\nFormat=directory\n" };

test("without -f, what is there counts as built when it is the main image, or all images", async () => {
  const cwd = makeProject({
    "mkosi.conf": "[Distribution]\nDistribution=debian\n[Output]\nFormat=none\n[Config]\nDependencies=one,two\n",
    "mkosi.images": { one: DIRECTORY, two: DIRECTORY },
  });
  const build = async (...args: string[]) => {
    const { status, stderr } = await mkosi(["--format=directory", ...args], { cwd });
    return [status, stderr];
  };
  writeTree(cwd, { one: {} });
  const refused = `error: ${join(cwd, "one")} exists already\n  help: add -f to build it again with the others\n`;
  expect(await build("--output=main")).toEqual([1, refused]);
  writeTree(cwd, { main: {} });
  expect(await build("--output=main")).toEqual([0, `${join(cwd, "main")} exists already: add -f to build it again\n`]);
});

asRoot("CacheOnly= says what comes from the network", { timeout: 600_000 }, async () => {
  // Nothing is packed, and what comes before a build script is made all the same.
  const cwd = makeProject({
    "mkosi.conf": CONF.replace("=directory", "=none"),
    "mkosi.cache": {},
    "mkosi.build": "#!/bin/sh\n",
  });
  await mkosiOk(["--incremental=no"], { cwd });
  const { path: cache, env } = privateCache();
  const build = (how: string, ...args: string[]) => mkosi(["-f", `--cache-only=${how}`, ...args], { cwd, env });
  const proxy = await refusingProxy();
  /** With a network that has nothing. @returns what was asked for as well */
  const offline = async (how: string) => {
    const finished = await build(how, `--proxy-url=${proxy.url}`);
    return { ...finished, asked: proxy.asked.splice(0).join(" ") };
  };
  const expectFailure = ({ status, stderr }: Finished, ...texts: string[]) => {
    expect(status).toBe(1);
    for (const text of texts) expect(stderr).toContain(text);
  };

  // nothing is kept: the metadata is wanted, or must not be
  const first = await offline("auto");
  expectFailure(first, "403 Forbidden");
  expect(first.asked).toContain("/InRelease");
  for (const how of ["always", "metadata"]) expect(await offline(how)).toMatchObject({ status: 0, asked: "" });
  // all is kept: only with `never` anybody wants to know
  const again = await offline("auto");
  expect([again.status, again.asked, fetches(again)]).toEqual([0, "", false]);
  expectFailure(await offline("never"), "403 Forbidden");
  expect((await build("never")).status).toBe(0);

  // a package that is not there
  for (const path of packagesIn(cache, /^less_/)) rmSync(path);
  rmSync(join(cwd, "mkosi.cache"), { recursive: true });
  mkdirSync(join(cwd, "mkosi.cache"));
  expectFailure(await build("always"), "not in the package cache", "--cache-only");
  const missing = await offline("metadata");
  expectFailure(missing, "403 Forbidden");
  expect(missing.asked).toMatch(/^\S*\/less_\S*\.deb$/);
  expect((await build("metadata")).status).toBe(0);

  // no metadata at all
  rmSync(join(cache, "apt"), { recursive: true });
  for (const how of ["always", "metadata"]) expectFailure(await build(how, "-ff"), "has no metadata", "--cache-only");
});

/** A proxy that notes what it is asked for, and has nothing. */
async function refusingProxy() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(403).end();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((done) => server.once("listening", done));
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const OUTPUTS = ["", ".raw", ".efi", ".vmlinuz", ".initrd", ".manifest", ".changelog", ".roothash", ".roothash.p7s"];
const MORE = [".SHA256SUMS", ".SHA256SUMS.gpg", ".nspawn", ".pcrs", ".verity", ".raw.zst", ".txt", ".root-x86-64.raw"];

asRoot("clean removes the outputs and builds that the original's removes", ({ skip }) => {
  const missing = peerMissing();
  if (missing !== undefined) skip(missing);
  const names = [...OUTPUTS, ...MORE].map((suffix) => `image${suffix}`);
  const files = Object.fromEntries([...names, "other.raw", "image2"].map((name) => [name, "x\n"]));
  const left = (program: readonly string[], words: readonly string[], format: string) => {
    const cwd = makeProject({
      "mkosi.conf": `${CONF.replace("=directory", `=${format}`)}CacheDirectory=cache\n`,
      ...files,
      cache: {},
      "mkosi.builddir": { "debian~trixie~x86-64": { object: "x\n" }, another: "x\n" },
      ".mkosi-private/history/latest.json": "{}",
    });
    execFileSync(program[0] as string, [...program.slice(1), ...words], { cwd, env: PEER_ENV, stdio: "ignore" });
    return execFileSync("find", [".", "!", "-path", "./cache*", "!", "-name", ".mkosi-private"], {
      cwd,
      encoding: "utf8",
    })
      .split("\n")
      .toSorted();
  };
  // Without its tools tree, which is everybody's.
  const ours = [process.execPath, join(CHECKOUT, "bin/mkosi"), "--tools-tree="];
  for (const words of [["clean"], ["-w", "clean"], ["-f", "clean"]])
    for (const format of ["disk", "directory"])
      expect(left(ours, words, format), `${words.join(" ")}, ${format}`).toEqual(
        left(["python3", "-m", "mkosi", "--tools-tree="], words, format),
      );
});

const user = unprivilegedUser();

test.skipIf(process.getuid?.() !== 0 || typeof user === "string")(
  "a user is told before the build that root's output cannot be replaced",
  async () => {
    if (typeof user === "string") throw new Error(user);
    const cwd = makeProject({
      "mkosi.conf": "[Distribution]\nDistribution=custom\n[Output]\nFormat=directory\n",
      "mkosi.extra": { etc: { hostname: "tiny\n" } },
    });
    const options = [`--tools-tree=${keptToolsTree()}`, "-f"];
    await mkosiOk(options, { cwd });
    execFileSync("chown", [user.name, cwd]);
    const { status, stderr } = await mkosi(options, { cwd, user });
    expect(stderr).toContain(`${cwd}/image belongs to another user, so that it cannot be replaced`);
    expect(stderr).not.toContain("Packing");
    expect(status).toBe(1);
    expect(readFileSync(join(cwd, "image/etc/hostname"), "utf8")).toBe("tiny\n");
  },
);
