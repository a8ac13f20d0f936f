// Scripts in real builds: a C program is built with packages that do not reach the image, and only what a change concerns
// runs again.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject, type Tree } from "../support/project.ts";

const CONF = `[Distribution]
Distribution=debian
Release=trixie

[Output]
Format=directory

[Content]
Bootable=no
SourceDateEpoch=1700000000
BuildPackages=gcc,libc6-dev

[Build]
Incremental=yes
BuildSources=src
`;

const program = (text: string) => `#include <stdio.h>\nint main(void) { puts("${text}"); return 0; }\n`;

const PROJECT: Tree = {
  "mkosi.conf": CONF,
  "mkosi.builddir": {},
  "mkosi.cache": {},
  src: { "hello.c": program("one") },
  "mkosi.build.chroot": `#!/bin/sh -e
echo run >>"$BUILDDIR/runs"
mkdir -p "$DESTDIR/usr/bin"
gcc -o "$DESTDIR/usr/bin/hello" hello.c
touch /in-the-build-overlay
`,
  "mkosi.postinst": `#!/bin/sh -e
mkosi-chroot hello >"$OUTPUTDIR/said"
mkosi-chroot sh -c 'echo "$SRCDIR $container $BUILDROOT $PWD"; cat "$CHROOT_SCRIPT" | head -n 1' >"$BUILDROOT/etc/inside"
dpkg-query --show --showformat '\${Package}\\n' bash >"$BUILDROOT/etc/asked"
`,
  "mkosi.finalize.chroot": `#!/bin/sh -e
echo "$1$container" >/etc/finalized
`,
  "mkosi.postoutput": `#!/bin/sh -e
cp "$OUTPUTDIR/said" "$OUTPUTDIR/said-again"
`,
};

test.skipIf(process.getuid?.() !== 0)("a program is built for the image; its compiler does not get there", async () => {
  const cwd = makeProject(PROJECT);
  const image = (path: string) => join(cwd, "image", path);
  const runs = () => readFileSync(join(cwd, "mkosi.builddir/debian~trixie~x86-64/runs"), "utf8").split("\n").length - 1;
  const hello = () => execFileSync(image("usr/bin/hello"), { encoding: "utf8" });

  await mkosiOk(["-f"], { cwd });
  expect(hello()).toBe("one\n");
  expect(existsSync(image("usr/bin/gcc"))).toBe(false);
  for (const trace of ["in-the-build-overlay", "work"]) expect(existsSync(image(trace))).toBe(false);
  expect(readFileSync(image("etc/inside"), "utf8")).toBe("/work/src mkosi / /work/src\n#!/bin/sh -e\n");
  expect(readFileSync(image("etc/asked"), "utf8")).toBe("bash\n");
  expect(readFileSync(image("etc/finalized"), "utf8")).toBe("mkosi\n");
  expect(readFileSync(join(cwd, "said-again"), "utf8")).toBe("one\n");

  // nothing has changed
  await mkosiOk(["-f"], { cwd });
  expect(runs()).toBe(1);

  // a source has: packages stay
  writeFileSync(join(cwd, "src/hello.c"), program("two"));
  const why = (await mkosiOk(["why"], { cwd })).stdout;
  expect(why).toContain("Installing build packages is kept");
  expect(why).toMatch(/Running build scripts runs again:\n.*src\/hello.c has another content/);
  const { stderr, stdout } = await mkosiOk(["-f"], { cwd });
  expect(stdout + stderr).not.toContain("Fetching packages");
  expect(hello()).toBe("two\n");
  expect(readFileSync(join(cwd, "said-again"), "utf8")).toBe("two\n");
});

test("a script that fails is named, with its place and its last words", async () => {
  const cwd = makeProject({
    "mkosi.conf": `[Output]\nFormat=none\n[Content]\nBuildScripts=build.sh\n`,
    "build.sh": "#!/bin/sh\necho 'no such planet' >&2\nexit 3\n",
  });
  const { status, stderr } = await mkosi(["--distribution=debian", "--release=trixie", "--bootable=no"], { cwd });
  expect(status).toBe(1);
  expect(stderr).toContain("build.sh, run for the image main, ended with status 3");
  expect(stderr).toContain("mkosi.conf:4:");
  expect(stderr).toContain("no such planet");
});

/** A shell function that makes a package: name, version, file. */
const MAKE_PACKAGE = `make_package() {
    tree=$(mktemp -d)
    chmod 755 "$tree"
    mkdir -p "$tree/DEBIAN" "$tree/usr/share/$1"
    echo "$2" >"$tree/usr/share/$1/version"
    printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: nobody <nobody@example.org>\\nDescription: test\\n' \\
        "$1" "$2" >"$tree/DEBIAN/control"
    find "$tree" -exec touch --date=@1 {} +
    SOURCE_DATE_EPOCH=1 dpkg-deb --root-owner-group --build "$tree" "$3" >/dev/null
    rm -r "$tree"
}
`;

test.skipIf(process.getuid?.() !== 0)(
  "packages of directories, and those that build scripts make, are installed; sync and clean scripts run",
  async () => {
    const cwd = makeProject({
      "mkosi.conf": `${CONF.replace("BuildPackages=gcc,libc6-dev", "Packages=ours,hello")}
[Content]
VolatilePackages=made,other
[Build]
EnvironmentFiles=src/env
[Config]
Dependencies=maker
`,
      "mkosi.cache": {},
      "mkosi.packages": {},
      "mkosi.images/maker/mkosi.conf": "[Output]\nFormat=none\n[Content]\nPackages=\nBootable=no\n",
      "mkosi.images/maker/mkosi.build": `#!/bin/sh -e\n${MAKE_PACKAGE}make_package other 3 "$PACKAGEDIR/other.deb"\n`,
      src: { version: "", env: "FROM=file\n" },
      "mkosi.sync": `#!/bin/sh -e\necho "$CACHED" >>log; echo 7 >version; echo FROM=sync >env\n`,
      "mkosi.clean": `#!/bin/sh -e\nrm "$OUTPUTDIR/left"\n`,
      "mkosi.build": `#!/bin/sh -e\n${MAKE_PACKAGE}make_package made "$(cat version)$FROM" "$PACKAGEDIR/made.deb"\n`,
      left: "by a script\n",
    });
    const sh = (script: string) => execFileSync("sh", ["-ec", MAKE_PACKAGE + script], { cwd });
    const version = (name: string) => readFileSync(join(cwd, `image/usr/share/${name}/version`), "utf8").trim();
    // older than the distribution's, and preferred all the same
    sh("make_package ours 1 mkosi.packages/ours.deb; make_package hello 0.1 mkosi.packages/hello.deb");
    await mkosiOk(["-f"], { cwd });
    expect(["ours", "hello", "made", "other"].map(version)).toEqual(["1", "0.1", "7sync", "3"]);
    expect(existsSync(join(cwd, "left"))).toBe(false);

    writeFileSync(join(cwd, "left"), "again\n");
    sh("make_package ours 2 mkosi.packages/ours.deb");
    await mkosiOk(["-f"], { cwd });
    expect(version("ours")).toBe("2");
    expect(readFileSync(join(cwd, "src/log"), "utf8")).toBe("0\n0\n");

    writeFileSync(join(cwd, "left"), "again\n");
    await mkosiOk(["clean"], { cwd });
    expect(["left", "image"].map((name) => existsSync(join(cwd, name)))).toEqual([false, false]);
  },
);

test.skipIf(process.getuid?.() !== 0)(
  "-R runs build scripts in what was kept, -w empties the build directory",
  async () => {
    const cwd = makeProject({
      "mkosi.conf": CONF.replace(/BuildPackages=.*\n/, ""),
      "mkosi.builddir": {},
      "mkosi.cache": {},
      src: {},
      "mkosi.build": `#!/bin/sh -e\necho "$*" >>"$BUILDDIR/runs"; mkdir -p "$DESTDIR/etc"; echo "$*" >"$DESTDIR/etc/built"
if [ -e owner ]; then chown "$(cat owner)" "$DESTDIR/etc/built"; fi\n`,
    });
    const runs = () => readFileSync(join(cwd, "mkosi.builddir/debian~trixie~x86-64/runs"), "utf8");
    const owner = () => statSync(join(cwd, "image/etc/built")).uid;
    const early = await mkosi(["-R"], { cwd });
    expect([early.status, early.stderr]).toEqual([1, expect.stringContaining("is not built yet")]);
    await mkosiOk(["-f", "build", "one", "two"], { cwd });
    expect(runs()).toBe("one two\n");
    await mkosiOk(["-R", "build", "three"], { cwd });
    expect(runs()).toBe("one two\nthree\n");
    expect(readFileSync(join(cwd, "image/etc/built"), "utf8")).toBe("one two\n");
    await mkosiOk(["-f", "-w", "build", "four"], { cwd });
    expect(runs()).toBe("four\n");

    // what makes no difference to what is built runs the build script, and nothing else
    writeFileSync(join(cwd, "src/notes"), "not compiled\n");
    const again = await mkosiOk(["-f", "build", "four"], { cwd });
    expect(again.stdout + again.stderr).toMatch(/Kept: .*Packing/);
    expect(runs()).toBe("four\nfour\n");
    // an owner is a difference
    writeFileSync(join(cwd, "src/owner"), "12\n");
    await mkosiOk(["-f", "build", "four"], { cwd });
    expect([runs(), owner()]).toEqual(["four\nfour\nfour\n", 12]);
  },
);
