// Debian trixie built for real with the host's own tools, as root and as a user with subordinate ids.

import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { takeSnapshot } from "../support/cleanliness.ts";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject, type Tree, writeTree } from "../support/project.ts";
import { runInToolsTree } from "../support/tools-tree.ts";
import { unprivilegedUser } from "../support/user.ts";

const CONF = `
[Distribution]
Distribution=debian
Release=trixie

[Output]
Format=directory
ImageId=test
ImageVersion=7
ManifestFormat=json,changelog

[Content]
Packages=
        systemd
        udev
Hostname=built
Locale=C.UTF-8
Timezone=Europe/Berlin
RootPassword=hashed:$y$j9T$abc$def
Bootable=no
RemoveFiles=/usr/share/bug
SourceDateEpoch=1700000000
`;

const PROJECT: Tree = {
  "mkosi.conf": CONF,
  "mkosi.skeleton": { etc: { "skeleton-was-here": "yes\n" } },
  "mkosi.extra": {
    bin: { "through-the-link": "#!/bin/sh\n" },
    usr: {
      lib: {
        "sysusers.d": { "test.conf": "u! tester 777 - /\n" },
        "tmpfiles.d": { "test.conf": "d /var/lib/tester 0750 tester root -\n" },
        systemd: {
          "system-preset": { "00-test.preset": "enable tester.service\n" },
          system: { "tester.service": "[Service]\nExecStart=true\n[Install]\nWantedBy=multi-user.target\n" },
        },
      },
    },
  },
};

const text = (...path: string[]) => readFileSync(join(...path), "utf8");

describe("a directory image built as root", () => {
  test.skipIf(process.getuid?.() !== 0)(
    "is a Debian that dpkg finds in order, finished by systemd's tools",
    async () => {
      const cwd = makeProject(PROJECT);
      const before = takeSnapshot([cwd], ["test_7", "test", "test_7.manifest", "test_7.changelog"]);
      const built = await mkosiOk([], { cwd });
      expect(built.stderr).toContain("Installing packages");
      const root = join(cwd, "test_7");

      expect(execFileSync("dpkg", [`--root=${root}`, "--audit"], { encoding: "utf8" })).toBe("");
      const query = [
        "--admindir",
        join(root, "var/lib/dpkg"),
        "--show",
        "--showformat=${db:Status-Abbrev}${Package}\n",
      ];
      const packages = execFileSync("dpkg-query", query, { encoding: "utf8" }).trim().split("\n");
      expect(packages).toContain("ii systemd");
      expect(packages).toContain("ii bash");
      expect(packages.filter((line) => !line.startsWith("ii "))).toEqual([]);
      const manifest = JSON.parse(text(cwd, "test_7.manifest"));
      expect(manifest.packages.map(({ name }: { name: string }) => `ii ${name}`).toSorted()).toEqual(
        packages.toSorted(),
      );
      const changelog = text(cwd, "test_7.changelog");
      expect(changelog).toMatch(new RegExp(`^Packages: ${packages.length}\n`));
      expect(changelog).toMatch(/^SourcePackage: systemd\nPackages: .*\budev\b.*\n[\s\S]*?\nChangelog:\nsystemd \(2/m);

      expect(text(root, "usr/lib/os-release")).toMatch(/^IMAGE_ID="?test"?$/m);
      expect(text(root, "usr/lib/os-release")).toMatch(/^IMAGE_VERSION="?7"?$/m);
      expect(text(root, "etc/hostname")).toBe("built\n");
      expect(readlinkSync(join(root, "etc/localtime"))).toContain("Europe/Berlin");
      expect(text(root, "etc/shadow")).toMatch(/^root:\$y\$j9T\$abc\$def:/m);
      expect(text(root, "etc/machine-id")).toBe("uninitialized\n");
      expect(text(root, "etc/skeleton-was-here")).toBe("yes\n");

      expect(text(root, "etc/passwd")).toMatch(/^tester:x:777:/m);
      const made = lstatSync(join(root, "var/lib/tester"));
      expect([made.uid, made.mode & 0o7777]).toEqual([777, 0o750]);
      expect(lstatSync(join(root, "etc/systemd/system/multi-user.target.wants/tester.service")).isSymbolicLink()).toBe(
        true,
      );
      expect(existsSync(join(root, "usr/lib/udev/hwdb.bin"))).toBe(true);

      expect(readlinkSync(join(root, "bin"))).toBe("usr/bin");
      expect(lstatSync(join(root, "usr/bin/through-the-link")).mode & 0o777).toBe(0o755);
      expect(lstatSync(join(root, "usr/bin/su")).mode & 0o7777).toBe(0o4755);
      expect(existsSync(join(root, "usr/share/bug"))).toBe(false);
      expect(existsSync(join(root, "var/lib/apt/lists"))).toBe(false);
      expect(lstatSync(join(root, "etc/hostname")).mtimeMs).toBeLessThanOrEqual(1_700_000_000_000);
      expect(await before.leftovers()).toEqual([]);

      const { stderr } = await mkosiOk([], { cwd });
      expect(stderr).toBe(`${join(cwd, "test_7")} exists already: add -f to build it again\n`);
      expect(text(root, "etc/hostname")).toBe("built\n");

      await mkosiOk(["clean"], { cwd });
      expect(readdirSync(cwd).toSorted()).toEqual(["mkosi.conf", "mkosi.extra", "mkosi.skeleton"]);
    },
  );
});

/** `tar --list --verbose` without times: type, mode, owner, size or link, path. */
function listing(archive: string): string[] {
  const lines = execFileSync("tar", ["--list", "--verbose", "--numeric-owner", "--zstd", "--file", archive], {
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  return lines
    .trim()
    .split("\n")
    .map((line) => line.replace(/ \d{4}-\d\d-\d\d \d\d:\d\d /, " "))
    .toSorted();
}

describe("images built without root", () => {
  const user = unprivilegedUser();
  test.skipIf(typeof user === "string")("are the same as those built by root, owners included", async () => {
    if (typeof user === "string") throw new Error(user);
    const own = makeProject(PROJECT);
    const args = ["--format=tar", "--manifest-format="];
    const byUser = makeProject(PROJECT);
    execFileSync("chown", ["-R", user.name, byUser]);
    const [, asUser] = await Promise.all([mkosiOk(args, { cwd: own }), mkosiOk(args, { cwd: byUser, user })]);
    expect(asUser.stderr).toContain("Packing (tar)");
    const mine = listing(join(own, "test_7"));
    expect(mine.length).toBeGreaterThan(4000);
    expect(mine.some((line) => line.includes(" 0/8 ") && line.endsWith("var/mail/"))).toBe(true);
    expect(listing(join(byUser, "test_7"))).toEqual(mine);
    expect(lstatSync(join(byUser, "test_7")).uid).toBe(
      Number(execFileSync("id", ["-u", user.name], { encoding: "utf8" })),
    );
  });
});

describe("other formats", () => {
  test("cpio is a compressed archive of the tree, none leaves nothing", async () => {
    const cwd = makeProject();
    const base = ["-d", "debian", "-r", "trixie", "-p", "bash", "--bootable=no"];
    await Promise.all([
      mkosiOk([...base, "-t", "cpio", "-o", "archive", "--tools-tree=default"], { cwd }),
      mkosiOk([...base, "-t", "none", "-o", "nothing"], { cwd }),
    ]);
    expect(readdirSync(cwd).toSorted()).toEqual(["archive", "archive.cpio.zst"]);
    const names = runInToolsTree("zstd -dc archive.cpio.zst | cpio --list --quiet", cwd);
    expect(names.split("\n")).toContain("usr/bin/bash");
  });
});

describe("builds at the same time", () => {
  test("in one directory leave one whole output, whoever comes last", async () => {
    const cwd = makeProject();
    const args = ["-d", "debian", "-r", "trixie", "-p", "bash", "-t", "directory", "--bootable=no", "-f"];
    const before = takeSnapshot([cwd], ["image"]);
    await Promise.all([1, 2, 3].map(() => mkosiOk(args, { cwd })));
    expect(execFileSync("dpkg", [`--root=${join(cwd, "image")}`, "--audit"], { encoding: "utf8" })).toBe("");
    expect(existsSync(join(cwd, "image/usr/bin/bash"))).toBe(true);
    expect(await before.leftovers()).toEqual([]);
  });
});

describe("a build that cannot succeed", () => {
  const base = ["-d", "debian", "-r", "trixie", "-t", "directory", "--bootable=no"];

  test("names a package that does not exist, and where it was asked for, before anything is installed", async () => {
    const cwd = makeProject({ "mkosi.conf": "[Content]\nPackages=bash\n        no-such-package-here\n" });
    const before = takeSnapshot([cwd]);
    const { status, stderr } = await mkosi(base, { cwd });
    expect(status).toBe(1);
    expect(stderr).toContain("no-such-package-here");
    expect(stderr).toContain("mkosi.conf:3:9");
    expect(stderr).not.toContain("Installing the base system");
    expect(await before.leftovers()).toEqual([]);
  });

  test("says which repository cannot be reached", async () => {
    const cwd = makeProject();
    const { status, stderr } = await mkosi([...base, "--mirror=http://127.0.0.1:9/debian"], { cwd });
    expect(status).toBe(1);
    expect(stderr).toMatch(/127\.0\.0\.1:9/);
    expect(stderr).toContain("Mirror=");
  });

  test("leaves nothing when it is interrupted, whenever that is", async () => {
    for (const moment of ["Fetching packages", "Installing the base system"]) {
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        const cwd = makeProject({ "mkosi.extra": { etc: { kept: "x" } } });
        writeTree(cwd, { image: { earlier: "output" } });
        const before = takeSnapshot([cwd]);
        const { status } = await mkosi([...base, "-p", "systemd", "-f"], {
          cwd,
          onOutput: (output, child) => {
            if (output.includes(moment)) setTimeout(() => child.kill(signal), 300);
          },
        });
        expect(status).toBe(signal === "SIGINT" ? 130 : 143);
        expect(await before.leftovers()).toEqual([]);
        expect(readdirSync(join(cwd, "image"))).toEqual(["earlier"]);
      }
    }
  });

  test("stops at a setting that this version does not have, naming it", async () => {
    const cwd = makeProject({ "mkosi.conf": "[Build]\n\nForeignUIDRange=65536\n" });
    const { status, stderr } = await mkosi(base, { cwd });
    expect(status).toBe(1);
    expect(stderr).toContain("ForeignUIDRange=");
    expect(stderr).toContain("mkosi.conf:3");
  });
});
