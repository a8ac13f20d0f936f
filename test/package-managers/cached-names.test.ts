// Package names from the metadata of each package manager, as its cache has it.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { cachedPackageNames } from "../../src/package-managers/cached-names.ts";
import { makeProject } from "../support/project.ts";

const PRIMARY = `<metadata><package type="rpm">\n  <name>bash</name><arch>x86_64</arch></package>
<package type="rpm"><name>vim-minimal</name><format><rpm:requires><rpm:entry name="x"/></rpm:requires></format></package></metadata>`;

test("apt: plain lists, of all repository sets of the release, and of no other", () => {
  const cache = makeProject({
    "apt/debian~trixie~amd64~1/lists/a_Packages": "Package: bash\nDepends: Package: no\n\nPackage: vim\n",
    "apt/debian~trixie~amd64~2/lists/b_Packages": "Package: vim\n\nPackage: zsh\n",
    "apt/debian~trixie~amd64~2/lists/b_InRelease": "Package: none\n",
    "apt/debian~sid~amd64~1/lists/a_Packages": "Package: other\n",
  });
  expect(cachedPackageNames(cache, { distribution: "debian", release: "trixie" })).toEqual(["bash", "vim", "zsh"]);
});

test("dnf, zypper and apk: compressed; what is cut off or no archive has no names", () => {
  const cache = makeProject({
    "dnf/fedora~43~x86_64~dnf5~1/fedora-0/repodata/0-primary.xml.gz": gzipSync(PRIMARY),
    "dnf/fedora~43~x86_64~dnf5~1/updates-0/repodata/0-primary.xml.gz": gzipSync(PRIMARY).subarray(0, 60),
    "zypper/opensuse~tumbleweed~x86_64~zypper~1/raw/oss/repodata/0-primary.xml.gz": gzipSync(PRIMARY),
    "apk/postmarketos~edge~x86_64~1/APKINDEX.0.tar.gz": gzipSync("C:Q1\nP:busybox\nV:1\n\nC:Q2\nP:musl\n"),
    "apk/postmarketos~edge~x86_64~1/APKINDEX.1.tar.gz": "",
  });
  expect(cachedPackageNames(cache, { distribution: "fedora", release: "43" })).toEqual(["bash", "vim-minimal"]);
  expect(cachedPackageNames(cache, { distribution: "opensuse", release: "tumbleweed" })).toEqual([
    "bash",
    "vim-minimal",
  ]);
  expect(cachedPackageNames(cache, { distribution: "postmarketos", release: "edge" })).toEqual(["busybox", "musl"]);
});

test("pacman: an archive with a directory for each package", () => {
  const cache = makeProject({ "pacman/arch~rolling~x86_64~1": {} });
  const source = makeProject();
  for (const name of ["bash-5.3-1", "xorg-server-21.1-2"]) {
    mkdirSync(join(source, name));
    writeFileSync(join(source, name, "desc"), `%NAME%\n${"x".repeat(600)}\n`);
  }
  const archive = execFileSync("tar", ["-czf", "-", "-C", source, "bash-5.3-1", "xorg-server-21.1-2"]);
  writeFileSync(join(cache, "pacman/arch~rolling~x86_64~1/core.db"), archive);
  expect(cachedPackageNames(cache, { distribution: "arch", release: "rolling" })).toEqual(["bash", "xorg-server"]);
});
