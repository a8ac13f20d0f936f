// For each distribution a directory that is installed from the local mirror: what is asked of it, whose signatures count,
// what is installed and listed, and what is left in the image.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";
import { type MirrorName, mirrorMissing, type Variant } from "./mirror.ts";
import { withMirror } from "./with-mirror.ts";

interface Case {
  readonly distribution: MirrorName;
  /** The default release if it is not named. */
  readonly release?: string;
  /** Repositories that are asked, below the mirror. */
  readonly repositories: readonly string[];
  readonly releasePackage: string;
  /** In os-release. */
  readonly id: string;
  /** What the package manager leaves in the image besides its database. */
  readonly leaves?: readonly string[];
  /** What the message names when a stranger has signed; `hello` if it is not named. */
  readonly distrusted?: RegExp;
  /** File of the database of installed packages. */
  readonly database?: string;
}

const SQLITE = "usr/lib/sysimage/rpm/rpmdb.sqlite";
const NDB = "usr/lib/sysimage/rpm/Packages.db";

/** As the original leaves them, too. */
const ZYPP = [
  "cache/zypp",
  "cache/zypp/solv",
  "lib/zypp",
  "lib/zypp/AutoInstalled",
  "log/zypp",
  "log/zypp/history",
].map((path) => `var/${path}`);

const enterprise = (root: string, extras = `${root}/extras/x86_64/os`) => [
  ...["AppStream", "BaseOS", "CRB"].map((name) => `${root}/${name}/x86_64/os`),
  extras,
];
const redHat = (root: string) => ["appstream", "baseos", "codeready-builder"].map((name) => `${root}/${name}/os`);

const CASES: readonly Case[] = [
  {
    distribution: "fedora",
    release: "43",
    repositories: ["linux/releases/43/Everything/x86_64/os", "linux/updates/43/Everything/x86_64"],
    releasePackage: "fedora-release",
    id: "fedora",
  },
  {
    distribution: "centos",
    repositories: enterprise("10-stream", "SIGs/10-stream/extras/x86_64/extras-common"),
    releasePackage: "centos-stream-release",
    id: "centos",
  },
  {
    distribution: "centos",
    release: "9",
    repositories: enterprise("9-stream", "SIGs/9-stream/extras/x86_64/extras-common"),
    releasePackage: "centos-stream-release",
    id: "centos",
    database: "var/lib/rpm/rpmdb.sqlite",
  },
  { distribution: "rocky", repositories: enterprise("10"), releasePackage: "rocky-release", id: "rocky" },
  { distribution: "alma", repositories: enterprise("10"), releasePackage: "almalinux-release", id: "almalinux" },
  { distribution: "rhel", repositories: redHat("rhel10/10/x86_64"), releasePackage: "redhat-release", id: "rhel" },
  { distribution: "rhel-ubi", repositories: redHat("ubi10/10/x86_64"), releasePackage: "redhat-release", id: "rhel" },
  {
    distribution: "azure",
    repositories: ["base", "cloud-native", "extended", "ms-non-oss", "ms-oss", "nvidia"].map(
      (name) => `3.0/prod/${name}/x86_64`,
    ),
    releasePackage: "azurelinux-release",
    id: "azurelinux",
    database: "var/lib/rpm/rpmdb.sqlite",
  },
  {
    distribution: "mageia",
    release: "9",
    repositories: ["release", "updates"].map((name) => `distrib/9/x86_64/media/core/${name}`),
    releasePackage: "mageia-release",
    id: "mageia",
  },
  {
    distribution: "openmandriva",
    repositories: ["release", "updates"].map((name) => `cooker/repository/x86_64/main/${name}`),
    releasePackage: "openmandriva-release",
    id: "openmandriva",
  },
  {
    distribution: "opensuse",
    repositories: ["tumbleweed/repo/oss", "update/tumbleweed"],
    releasePackage: "openSUSE-release",
    id: "opensuse-tumbleweed",
    database: NDB,
    leaves: ZYPP,
    distrusted: /\boss\b/,
  },
  {
    distribution: "opensuse",
    release: "16.0",
    repositories: ["distribution/leap/16.0/repo/oss"],
    releasePackage: "Leap-release",
    id: "opensuse-leap",
    database: NDB,
    leaves: ZYPP,
    distrusted: /\boss\b/,
  },
  {
    distribution: "arch",
    repositories: ["core", "extra"],
    releasePackage: "arch-release",
    id: "arch",
    // As the original makes them.
    leaves: ["etc/pacman.d", "etc/pacman.d/hooks"],
  },
];

const missing = mirrorMissing();

describe.skipIf(missing !== undefined)(`directories${missing === undefined ? "" : `: ${missing}`}`, () => {
  const mirror = withMirror();

  /** A project with a cache of its own, so that everything is asked of the mirror. */
  function project({ distribution, release }: Case, variant?: Variant): string {
    return makeProject({
      "mkosi.conf": `
[Distribution]
Distribution=${distribution}
${release === undefined ? "" : `Release=${release}`}
Mirror=${mirror.url(distribution, variant)}

[Output]
Format=directory
ManifestFormat=json,changelog

[Content]
Packages=hello
Bootable=no

[Build]
ToolsTree=${mirror.toolsTree}
PackageCacheDirectory=cache
`,
      cache: {},
    });
  }

  describe.for(CASES.map((one) => [`${one.distribution} ${one.release ?? ""}`.trim(), one] as const))(
    "%s",
    ([, one]) => {
      const isPacman = one.distribution === "arch";

      test("installs what is asked for and no more, from its repositories", async () => {
        const cwd = project(one);
        await mkosiOk(["build"], { cwd });
        const image = join(cwd, "image");

        const metadata = isPacman ? /\/os\/x86_64\/\w+\.db$/ : /\/repodata\/repomd\.xml$/;
        const asked = mirror.requests().filter(({ path }) => metadata.test(path));
        const repositories = new Set(asked.map(({ path }) => path.replace(metadata, "")));
        expect([...repositories].toSorted()).toEqual(
          one.repositories.map((path) => `/${one.distribution}/${path}`).toSorted(),
        );
        expect(mirror.requests().filter(({ status }) => status >= 500)).toEqual([]);

        const manifest = JSON.parse(readFileSync(join(cwd, "image.manifest"), "utf8")) as {
          config: { distribution: string };
          packages: { type: string; name: string; version: string }[];
        };
        expect(manifest.config.distribution).toBe(one.distribution);
        expect(new Set(manifest.packages.map(({ type }) => type))).toEqual(new Set([isPacman ? "pkg" : "rpm"]));
        const names = manifest.packages.map(({ name }) => name);
        expect(names).toEqual(
          expect.arrayContaining(["hello", "filesystem", "setup", "bash", "glibc", one.releasePackage]),
        );
        for (const other of ["hello-weak", "systemd", "kernel-core", "kernel-default", "linux"])
          expect(names).not.toContain(other);
        // pacman's packages have none.
        const changelog = readFileSync(join(cwd, "image.changelog"), "utf8");
        expect(changelog).toMatch(/^Packages: .*\bhello\b/m);
        expect(changelog.includes("Made")).toBe(!isPacman);
        // What is in the image is what the manifest says, and is of one version.
        expect(new Set(names).size).toBe(names.length);
        const versions = one.repositories.some((path) => /updates|extras|update\/|extended|codeready/.test(path));
        expect(manifest.packages.find(({ name }) => name === "hello")?.version).toMatch(
          versions ? /\.1(\.|$)/ : /^2\.10-\d+$/,
        );

        expect(readFileSync(join(image, "usr/lib/os-release"), "utf8")).toMatch(new RegExp(`^ID="${one.id}"$`, "m"));
        expect(readFileSync(join(image, "var/lib/hello/log"), "utf8")).toMatch(/^pre .*chroot=1\npost /);
        expect(existsSync(join(image, "usr/share/doc/hello"))).toBe(true);
        if (isPacman) expect(readdirSync(join(image, "var/lib/pacman/local")).length).toBe(names.length + 1);
        else expect(statSync(join(image, one.database ?? SQLITE)).size).toBeGreaterThan(0);

        // No configuration, cache or log of package managers is left.
        const paths = readdirSync(image, { recursive: true, encoding: "utf8" });
        const left = paths.filter((path) =>
          /^(etc\/(dnf|yum|zypp|pacman|pki|apt)|var\/(cache|log)\/.*(dnf|zypp|pacman|hawkey)|var\/lib\/(dnf|zypp)|var\/lib\/pacman\/(sync|db\.lck))/.test(
            path,
          ),
        );
        expect(left.toSorted()).toEqual(one.leaves ?? []);
      });

      test("refuses a package that somebody else has signed", async () => {
        const cwd = project(one, "wrong-key");
        const { status, stderr } = await mkosi(["build"], { cwd });
        expect([status, stderr]).toEqual([1, expect.stringMatching(one.distrusted ?? /hello/)]);
        expect(stderr).toMatch(/signature|key|verified|signed/i);
        expect(existsSync(join(cwd, "image"))).toBe(false);
      });
    },
  );
});
