// The texts are apt's and dpkg's own, captured from real runs (2.6 and 3.1).

import { describe, expect, test } from "vitest";
import { explainFailure } from "../../../src/package-managers/apt/failures.ts";
import { missingNames, missingPackages } from "../../../src/package-managers/apt/missing.ts";
import { nearest } from "../../../src/package-managers/nearest.ts";
import { CommandFailure } from "../../../src/sandbox/spawn.ts";
import { makeContext } from "../context.ts";

const context = makeContext();
const failed = (output: string) => new CommandFailure(["apt-get"], 100, output);
const explain = (output: string) => explainFailure(failed(output), context);

describe("what went wrong", () => {
  test.for<[string, string, RegExp, RegExp]>([
    [
      "no such host",
      "Err:1 http://nonexistent.invalid/debian trixie InRelease\n  Could not resolve 'nonexistent.invalid'\nE: Failed to fetch http://nonexistent.invalid/debian/dists/trixie/InRelease  Could not resolve 'nonexistent.invalid'\nE: Some index files failed to download. They have been ignored, or old ones used instead.\n",
      /nonexistent\.invalid\/debian\/dists\/trixie\/InRelease cannot be fetched: Could not resolve/,
      /Mirror=/,
    ],
    [
      "no such repository",
      "E: Failed to fetch http://deb.debian.org/nothing/debian/dists/trixie/InRelease  404  Not Found [IP: 203.0.113.80 80]\nE: The repository 'http://deb.debian.org/nothing/debian trixie InRelease' is not signed.\n",
      /no repository there: .*InRelease: 404 Not Found$/,
      /Release=.*Mirror=/,
    ],
    [
      "a package that has gone from the mirror",
      "E: Failed to fetch http://deb.debian.org/debian/pool/main/b/bash/bash_5_amd64.deb  404  Not Found [IP: 203.0.113.80 80]\nE: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?\n",
      /does not have the package that its index names/,
      /metadata is out of date/,
    ],
    [
      "an unknown key",
      "Err:1 http://deb.debian.org/debian trixie InRelease\n  The following signatures couldn't be verified because the public key is not available: NO_PUBKEY 6ED0E7B82643E131\nW: GPG error: http://deb.debian.org/debian trixie InRelease: The following signatures couldn't be verified because the public key is not available: NO_PUBKEY 6ED0E7B82643E131\nE: The repository 'http://deb.debian.org/debian trixie InRelease' is not signed.\n",
      /the signature of http:\/\/deb\.debian\.org\/debian cannot be verified/,
      /keyring/,
    ],
    [
      "no signature",
      "E: The repository 'http://mirror/debian trixie InRelease' is not signed.\n",
      /http:\/\/mirror\/debian has no signed metadata of trixie/,
      /RepositoryKeyCheck=no/,
    ],
    [
      "a mirror in the middle of an update",
      "E: Failed to fetch http://deb.debian.org/debian/dists/sid/main/binary-amd64/Packages.xz  File has unexpected size (9 != 8). Mirror sync in progress? [IP: 203.0.113.80 80]\n",
      /inconsistent: http:\/\/deb\.debian\.org\/debian\/dists\/sid\/main\/binary-amd64\/Packages\.xz/,
      /try again/,
    ],
    [
      "no space for the packages",
      "E: You don't have enough free space in /var/cache/apt/archives/.\n",
      /not enough space .*\/var\/cache\/mkosi/,
      /PackageCacheDirectory=/,
    ],
    [
      "a full disk",
      "dpkg: error processing archive bash.deb (--unpack):\n cannot copy extracted data: No space left on device\n",
      /the disk is full/,
      /WorkspaceDirectory=/,
    ],
    [
      "packages that exclude each other",
      "The following packages have unmet dependencies:\n exim4-config : Conflicts: postfix but 3.10 is to be installed\n postfix : Conflicts: mail-transport-agent\nE: Unable to correct problems, you have held broken packages.\n",
      /cannot be installed together in debian trixie \(main\)/,
      /exclude each other/,
    ],
  ])("%s", ([, output, message, remedy]) => {
    const failure = explain(output);
    expect(failure.message).toMatch(message);
    expect(failure.details.remedy).toMatch(remedy);
  });

  test("a maintainer script that fails", () => {
    const output =
      "Setting up foo (1) ...\ndpkg: error processing package foo (--configure):\n installed foo package post-installation script subprocess returned error exit status 3\n";
    const failure = explain(output);
    expect(failure.message).toBe(
      "the package foo could not be installed: installed foo package post-installation script subprocess returned error exit status 3",
    );
    expect(failure.details.excerpt).toContain("Setting up foo");
  });

  test("what is not recognised stays as it was", () => {
    const error = failed("Segmentation fault\n");
    expect(explainFailure(error, context)).toBe(error);
  });
});

describe("missing packages", () => {
  const output = [
    "Package bash is not available, but is referred to by another package.",
    "E: Unable to locate package systmd",
    "E: Package 'firmware-linux' has no installation candidate",
    "E: Unable to locate package libfoo-[0-9]+",
    "E: Couldn't find any package by glob 'libfoo-[0-9]+'",
    "E: Couldn't find any package by regex 'libfoo-[0-9]+'",
    "E: Version '3' for 'bash' was not found",
    "E: Release 'bookworm' for 'systemd' was not found",
  ].join("\n");

  test("are all named, once, in apt's order", () => {
    expect(missingNames(output)).toEqual(["systmd", "firmware-linux", "libfoo-[0-9]+", "bash=3", "systemd/bookworm"]);
  });

  test("are named with who asked for them, and what they may have been meant to be", async () => {
    const origin = { kind: "file", path: "/p/mkosi.conf", line: 3, column: 9 } as const;
    const requests = [
      { spec: "bash=3", setting: "Packages", origin },
      { spec: "systmd", setting: "BuildPackages", origin: undefined },
    ];
    const known = { names: async () => ["bash", "systemd", "sysstat"], versions: async () => [] };
    const failure = await missingPackages(
      failed("E: Unable to locate package systmd\nE: Version '3' for 'bash' was not found\n"),
      context,
      requests,
      known,
    );
    expect(failure?.message.split("\n")).toEqual([
      "the package systmd does not exist in debian trixie (main), asked for by BuildPackages=; similar: systemd",
      'the package bash has no version that "bash=3" allows in debian trixie (main), asked for by Packages= (/p/mkosi.conf:3:9)',
    ]);
    expect(failure?.details.origin).toEqual(origin);
    expect(failure?.details.remedy).toContain("Repositories=");
  });

  test.for(["bash=3", "bash/sid"])("%s beside the name alone: the one that is wrong is named", async (spec) => {
    const origin = { kind: "option", option: "-p" } as const;
    const requests = [
      {
        spec: "bash",
        setting: "Packages",
        origin: { kind: "file", path: "/p/mkosi.conf", line: 3, column: 9 } as const,
      },
      { spec, setting: "Packages", origin },
    ];
    const text = spec.includes("=")
      ? "E: Version '3' for 'bash' was not found\n"
      : "E: Release 'sid' for 'bash' was not found\n";
    const look = { names: async () => ["bash"], versions: async () => ["5.2-2", "5.2-1"] };
    const failure = await missingPackages(failed(text), context, requests, look);
    expect(failure?.message).toBe(
      `the package bash has no version that "${spec}" allows in debian trixie (main), asked for by Packages= (command line option -p)`,
    );
    expect(failure?.details.origin).toEqual(origin);
    expect(failure?.details.remedy).toBe("choose a version that it has: 5.2-2, 5.2-1");
  });

  test("are no reason to look for names when nothing is missing", async () => {
    const ask = () => Promise.reject(new Error("asked"));
    const known = { names: ask, versions: ask };
    expect(await missingPackages(failed("E: something else\n"), context, [], known)).toBeUndefined();
  });

  test("similar names are near, and few", () => {
    expect(nearest("systemd-rsolved", ["systemd", "systemd-resolved", "bash"])).toEqual(["systemd-resolved"]);
    expect(nearest("linux-image-clod-amd64", ["linux-image-cloud-amd64", "linux-image-amd64"])).toEqual([
      "linux-image-cloud-amd64",
      "linux-image-amd64",
    ]);
    expect(nearest("abc", ["abd", "abe", "abf", "abg"])).toHaveLength(3);
    expect(nearest("nosuch-thing", ["bash"])).toEqual([]);
  });
});
