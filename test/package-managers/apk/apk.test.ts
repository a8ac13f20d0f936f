// What apk is told, and what is read of what it says. No suite of Debian has apk: it is never run here.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { postmarketos } from "../../../src/distributions/postmarketos.ts";
import { explainFailure } from "../../../src/package-managers/apk/failures.ts";
import { parseInstalled } from "../../../src/package-managers/apk/installed.ts";
import { makeLocalRepository } from "../../../src/package-managers/apk/local-repository.ts";
import { CommandFailure } from "../../../src/sandbox/spawn.ts";
import type { Config } from "../../../src/settings/index.ts";
import { makeImage } from "../../support/image.ts";
import { makeProject } from "../../support/project.ts";
import { makeRecorder } from "../../support/recorder.ts";
import { makeContext, type TestContext } from "../context.ts";

const COMMON =
  "apk --root /buildroot --cache-packages --cache-dir /var/cache/apk --cache-predownload --arch x86_64 --no-interactive --preserve-env --keys-dir /etc/apk/keys --repositories-file /etc/apk/repositories";

function apkContext(overrides: Partial<Config> = {}, more: Partial<TestContext> = {}): TestContext {
  const settings: Partial<Config> = { distribution: "postmarketos", release: "edge", ...overrides };
  const place = makeProject({
    tools: { usr: { share: { "distribution-gpg-keys": { postmarketos: { "a.rsa.pub": "" } } } } },
  });
  return makeContext(settings, {
    repositories: postmarketos.repositories(makeImage(settings).config),
    architecture: "x86_64",
    packageCache: place,
    scratch: join(place, "scratch"),
    toolbox: { kind: "tree", root: join(place, "tools"), searchPaths: [] },
    ...more,
  });
}

test("the command lines are the original's", async () => {
  const context = apkContext({ mirror: "http://m" });
  const { config } = context.image;
  const manager = postmarketos.packageManager(config);
  const root = makeProject();
  await manager.sync(context);
  await manager.bootstrap(context, root);
  await manager.install(context, root, [{ spec: "bash", setting: "Packages", origin: undefined }]);
  const add = `${COMMON} --cache-max-age 999999999 add --initdb`;
  expect(context.runner.commands()).toEqual([
    add,
    `${COMMON} update`,
    `${add} --upgrade postmarketos-baselayout postmarketos-release`,
    `${add} --upgrade bash`,
  ]);
  const [mounts] = context.runner.specs.map((spec) => spec.mounts ?? []);
  expect(mounts).toContainEqual({
    type: "file",
    target: "/etc/apk/repositories",
    content:
      "https://dl-cdn.alpinelinux.org/alpine/edge/main\nhttps://dl-cdn.alpinelinux.org/alpine/edge/community\nhttps://dl-cdn.alpinelinux.org/alpine/edge/testing\nhttp://m/extra-repos/systemd/main\nhttp://m/main\n",
  });
  expect(mounts?.map(({ target }) => target)).toContain("/etc/apk/keys/a.rsa.pub");
  for (const link of ["bin", "sbin", "lib"]) expect(existsSync(join(root, "usr", link))).toBe(true);
});

test("only what is installed is removed", async () => {
  const context = apkContext();
  const root = makeProject({ usr: { lib: { apk: { db: { installed: "P:there\nV:1-r0\n\n" } } } } });
  await postmarketos.packageManager(context.image.config).remove(context, root, ["absent", "there"]);
  expect(context.runner.commands()).toEqual([`${COMMON} --cache-max-age 999999999 del there`]);
});

test("the index of local packages is signed as apk reads it", async () => {
  const recorder = makeRecorder();
  const package_ = join(makeProject({ "x-1-r0.apk": "package" }), "x-1-r0.apk");
  const context = apkContext({}, { localPackages: [package_], runner: recorder });
  const repository = await makeLocalRepository(context);
  // The script runs for real, with a program in apk's place that writes an index.
  const directory = join(context.scratch, "apk/repository");
  const programs = makeProject({ apk: "#!/bin/sh\nprintf index | gzip -n >index.tar.gz\n" });
  mkdirSync(join(directory, "x86_64"), { recursive: true });
  writeFileSync(join(directory, "x86_64/x-1-r0.apk"), "package");
  const [, , script = ""] = recorder.specs[0]?.argv ?? [];
  execFileSync("sh", ["-c", script, "sh", directory, "x86_64"], {
    env: { ...process.env, PATH: `${programs}:${process.env["PATH"]}` },
    stdio: "ignore",
  });
  const signed = readFileSync(join(directory, "x86_64/APKINDEX.tar.gz"));
  const second = signed.indexOf(Buffer.from([0x1f, 0x8b, 0x08]), 1);
  const head = gunzipSync(signed.subarray(0, second));
  const index = signed.subarray(second);
  expect(head.length).toBe(1024);
  expect(head.subarray(0, 100).toString()).toMatch(/^\.SIGN\.RSA\.mkosi@local\.rsa\.pub\0/);
  expect(gunzipSync(index).toString()).toBe("index");
  const place = makeProject({ signature: head.subarray(512, 768), index });
  const verify = [
    "dgst",
    "-sha1",
    "-verify",
    join(directory, "mkosi@local.rsa.pub"),
    "-signature",
    join(place, "signature"),
  ];
  expect(execFileSync("openssl", [...verify, join(place, "index")], { encoding: "utf8" })).toBe("Verified OK\n");
  expect(existsSync(join(directory, "key"))).toBe(false);
  expect(repository?.mounts.map(({ target }) => target)).toContain("/etc/apk/keys/mkosi@local.rsa.pub");
});

test("the database of what is installed", () => {
  const text =
    "C:Q1x=\nP:musl\nV:1.2.5-r0\nA:x86_64\nS:1\nI:643072\no:musl\nF:lib\nR:ld\n\nP:bash\nV:5-r0\nA:x86_64\nI:1\n\n";
  expect(parseInstalled(text)).toEqual([
    { name: "bash", version: "5-r0", architecture: "x86_64", size: 1 },
    { name: "musl", version: "1.2.5-r0", architecture: "x86_64", size: 643072, source: "musl" },
  ]);
});

test.for([
  [
    "ERROR: unable to select packages:\n  hellp (no such package):\n    required by: world[hellp]\n",
    "the package hellp does not exist in postmarketos edge, asked for by Packages=",
  ],
  [
    "WARNING: fetching http://m/main: UNTRUSTED signature\n",
    "http://m/main is not signed by a key of postmarketos edge",
  ],
  [
    "WARNING: fetching http://m/main: temporary error (try again later)\n",
    "http://m/main cannot be fetched: temporary error (try again later)",
  ],
  [
    "ERROR: unable to select packages:\n  a-1:\n    conflicts: b-1\n",
    "the packages cannot be installed together from postmarketos edge",
  ],
] as const)("%s", ([output, message]) => {
  const failure = explainFailure(new CommandFailure(["apk"], 1, output), apkContext(), [
    { spec: "hellp", setting: "Packages", origin: undefined },
  ]);
  expect(failure.message).toBe(message);
});
