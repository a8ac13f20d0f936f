// Extension images with verity: each value of Verity=, read by sfdisk, veritysetup's hash and openssl, and beside what the
// original makes of the same project.

import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { peer } from "../../bench/programs.ts";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { peerMissing } from "../support/peer.ts";
import { makeProject, type Tree, writeTree } from "../support/project.ts";
import { keptToolsTree, runInToolsTree } from "../support/tools-tree.ts";
import { unprivilegedUser } from "../support/user.ts";

const notRoot = process.getuid?.() !== 0;
const peerReason = notRoot ? "the original is run as root" : peerMissing();

const user = unprivilegedUser();

const PROJECT: Tree = {
  "mkosi.conf": `[Distribution]
Distribution=custom
[Output]
Format=sysext
Output=ext
Seed=0e6b3ba1-0dc4-4f0f-9c4f-c1ad9e0f1a9b
SplitArtifacts=roothash,partitions
[Content]
SourceDateEpoch=1700000000
`,
  "mkosi.extra": { usr: { bin: { tool: "tool" }, lib: { "os-release": "ID=any\n" } } },
};

const NAMES: Readonly<Record<string, string>> = {
  "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709": "data",
  "2C7357ED-EBD2-46D9-AEC1-23D437EC2BF5": "hash",
  "41092B05-9FC8-4523-994F-2DEF0408B176": "signature",
};

/** What each partition is, and its size in bytes. */
function partitions(directory: string): readonly (readonly [string, number])[] {
  const text = execFileSync("sfdisk", ["--json", join(directory, "ext.raw")], { encoding: "utf8" });
  const table = JSON.parse(text) as { partitiontable: { partitions: { type: string; size: number }[] } };
  return table.partitiontable.partitions.map(({ type, size }) => [NAMES[type] ?? type, size * 512]);
}

describe.skipIf(notRoot || process.arch !== "x64")("extension images", () => {
  let directory = "";
  const tools = `--tools-tree=${keptToolsTree()}`;
  const build = async (...options: string[]) => {
    // Partitions that an earlier build has split off stay.
    for (const name of readdirSync(directory)) if (name.startsWith("ext")) rmSync(join(directory, name));
    await mkosiOk(["-f", tools, ...options], { cwd: directory });
  };

  beforeAll(async () => {
    directory = execFileSync("mktemp", ["-d", "/tmp/mkosi-test-XXXXXX"], { encoding: "utf8" }).trim();
    writeTree(directory, PROJECT);
    await mkosiOk(["genkey"], { cwd: directory });
    return () => rmSync(directory, { recursive: true, force: true });
  });

  test.each([
    ["auto", "data hash signature"],
    ["signed", "data hash signature"],
    // There is room for it, and no entry in the partition table.
    ["defer", "data hash"],
    ["hash", "data hash"],
    ["disabled", "data"],
  ])("Verity=%s gives partitions for %s", async (verity, expected) => {
    await build(`--verity=${verity}`);
    expect(
      partitions(directory)
        .map(([name]) => name)
        .join(" "),
    ).toBe(expected);
    const names = readdirSync(directory).filter((name) => name.endsWith(".roothash"));
    expect(names).toEqual(verity === "disabled" ? [] : ["ext.roothash"]);
    const files = readdirSync(directory).filter((name) => /^ext\.root.*\.raw$/.test(name));
    expect(files).toHaveLength(expected.split(" ").length);
  });

  test("a signature is one of the root hash, by the certificate's key", async () => {
    await build();
    const hash = readFileSync(join(directory, "ext.roothash"), "utf8");
    const text = readFileSync(join(directory, "ext.root-x86-64-verity-sig.raw"), "latin1").replace(/\0+$/, "");
    const found = JSON.parse(text) as Record<"rootHash" | "signature" | "certificateFingerprint", string>;
    const certificate = new X509Certificate(readFileSync(join(directory, "mkosi.crt")));
    expect(found.rootHash).toBe(hash);
    expect(found.certificateFingerprint).toBe(certificate.fingerprint256.replaceAll(":", "").toLowerCase());
    writeFileSync(join(directory, "signature"), Buffer.from(found.signature, "base64"));
    const verify = (content: string) => {
      writeFileSync(join(directory, "content"), content);
      const who = "-certfile mkosi.crt -nointern -noverify -out /dev/null";
      return runInToolsTree(`openssl smime -verify -inform DER -in signature -content content ${who} 2>&1`, directory);
    };
    expect(verify(hash)).toContain("Verification successful");
    expect(() => verify("0".repeat(64))).toThrow();
    const dissected = runInToolsTree("systemd-dissect --json=short ext.raw", directory, true);
    expect(JSON.parse(dissected)).toMatchObject({ useSystemExtension: true });
  });

  test("without a key they are made without verity, and signed ones not at all", async () => {
    const none = ["--verity-key=", "--verity-certificate="];
    await build(...none);
    expect(partitions(directory).map(([name]) => name)).toEqual(["data"]);
    const { status, stderr } = await mkosi(["-f", tools, "--verity=signed", ...none], { cwd: directory });
    expect(stderr).toMatch(/Verity=signed needs VerityKey=, which is not set[\s\S]*mkosi genkey/);
    expect(status).toBe(1);
  });

  test("an image that is no extension has the certificate, by which it trusts extensions", async () => {
    await build("--format=directory", "--output=whole");
    const certificate = readFileSync(join(directory, "mkosi.crt"), "utf8");
    expect(readFileSync(join(directory, "whole/usr/lib/verity.d/mkosi.crt"), "utf8")).toBe(certificate);
    await build("--format=portable", "--output=portable", "--verity=disabled");
    expect(runInToolsTree("systemd-dissect --list portable.raw", directory, true)).not.toContain("verity.d");
  });

  test.skipIf(typeof user === "string")("a user signs with a key that nobody else can read", async () => {
    if (typeof user === "string") throw new Error(user);
    const cwd = makeProject(PROJECT);
    execFileSync("chown", ["-R", user.name, cwd]);
    await mkosiOk(["genkey"], { cwd, user });
    await mkosiOk(["-f", tools, "--verity=signed"], { cwd, user });
    expect(partitions(cwd).map(([name]) => name)).toEqual(["data", "hash", "signature"]);
  });

  test.skipIf(peerReason !== undefined).each(["signed", "defer", "hash", "disabled"])(
    "Verity=%s gives what the original makes of it",
    async (verity) => {
      const theirs = makeProject({ ...PROJECT, ...keysOf(directory) });
      execFileSync("chmod", ["600", join(theirs, "mkosi.key")]);
      await peer(makeProject(), keptToolsTree()).run(["-f", `--verity=${verity}`], theirs, false);
      await build(`--verity=${verity}`);
      expect(partitions(directory)).toEqual(partitions(theirs));
      const split = (place: string) =>
        readdirSync(place)
          .filter((name) => name.startsWith("ext"))
          .toSorted();
      expect(split(directory)).toEqual(split(theirs));
    },
  );
});

function keysOf(directory: string): Tree {
  const read = (name: string) => readFileSync(join(directory, name), "utf8");
  return { "mkosi.key": read("mkosi.key"), "mkosi.crt": read("mkosi.crt") };
}
