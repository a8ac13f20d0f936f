// What settings change for build scripts: their sources, network, tests, packages, and the directories that stay.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject, type Tree } from "../support/project.ts";

/** An image of which only the build scripts run, on a base system that is kept. */
function project(files: Tree): string {
  return makeProject({
    "mkosi.conf": `[Distribution]
Distribution=debian
Release=trixie

[Output]
Format=none

[Content]
Bootable=no

[Build]
Incremental=yes
BuildSources=src
`,
    "mkosi.cache": {},
    "mkosi.builddir": {},
    ...files,
  });
}

const asRoot = test.skipIf(process.getuid?.() !== 0);
const builtIn = (cwd: string, name: string) => join(cwd, "mkosi.builddir/debian~trixie~x86-64", name);

asRoot("BuildSourcesEphemeral= says what becomes of changes to the sources", async () => {
  const cwd = project({
    src: { given: "" },
    // The second of a kind sees what the first has changed.
    "mkosi.build.d": {
      "1.sh": `#!/bin/sh -e\ncat made 2>/dev/null >"$BUILDDIR/found" || echo none >"$BUILDDIR/found"\necho "$1" >made\nrm given\n`,
      "2.sh": `#!/bin/sh -e\ncat made >"$BUILDDIR/shared"; ! [ -e given ]\n`,
    },
    "mkosi.prepare": `#!/bin/sh -e\n! [ -e made ]; [ -e given ]; touch "prepared-$1"\n`,
  });
  const build = async (how: string, argument: string, ...options: string[]) => {
    await mkosiOk([`--build-sources-ephemeral=${how}`, ...options, "-f", "build", argument], { cwd });
    return ["found", "shared"].map((name) => readFileSync(builtIn(cwd, name), "utf8").trim());
  };
  const onHost = () =>
    ["given", "made", "prepared-final", "prepared-build"].filter((name) => existsSync(join(cwd, "src", name)));

  expect(await build("yes", "one")).toEqual(["none", "one"]);
  expect(onHost()).toEqual(["given"]);
  expect(await build("yes", "two")).toEqual(["none", "two"]);

  expect(await build("buildcache", "three")).toEqual(["none", "three"]);
  // What another build script has left is there again; prepare scripts, which run anew, do not see it.
  writeFileSync(join(cwd, "src/another"), "");
  rmSync(builtIn(cwd, "mkosi.buildovl.src/given"));
  expect(await build("buildcache", "four")).toEqual(["three", "four"]);
  expect(existsSync(builtIn(cwd, "mkosi.buildovl.src/made"))).toBe(true);
  expect(onHost()).toEqual(["given"]);
  expect(await build("buildcache", "five", "-w")).toEqual(["none", "five"]);

  expect(await build("no", "six")).toEqual(["none", "six"]);
  expect(onHost()).toEqual(["made", "prepared-final", "prepared-build"]);

  writeFileSync(join(cwd, "src/given"), "");
  const homeless = await mkosi(["--build-sources-ephemeral=buildcache", "--build-directory=", "-f"], { cwd });
  expect([homeless.status, homeless.stderr]).toEqual([1, expect.stringMatching(/buildcache[\s\S]*BuildDirectory=/)]);
});

asRoot("WithNetwork= and WithTests= are what scripts find", async () => {
  const server = createServer((_, response) => response.end("hello\n")).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address() as AddressInfo;
  const look = `#!/bin/bash -e
if (exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null; then reached=yes; else reached=no; fi
interfaces=$(sed -n 's/^ *\\([^ ]*\\):.*/\\1/p' /proc/net/dev | grep -vx lo | head -n 1)
echo "$WITH_NETWORK \${WITH_TESTS-unset} $reached \${interfaces:+others}"`;
  const cwd = project({
    src: {},
    "mkosi.build": `${look} >"$BUILDDIR/outside"\n`,
    "mkosi.build.chroot": `${look} >"$BUILDDIR/inside"\n`,
    "mkosi.postinst": `${look} >"$OUTPUTDIR/postinst"\n`,
    "mkosi.finalize": `${look} >"$OUTPUTDIR/finalize"\n`,
  });
  const found = (path: string) => readFileSync(path, "utf8").trim();
  const build = async (...args: string[]) => {
    await mkosiOk(["-f", ...args], { cwd });
    return ["outside", "inside"].map((name) => found(builtIn(cwd, name)));
  };
  expect(await build()).toEqual(["0 1 no", "0 1 no"]);
  expect(await build("-T")).toEqual(["0 0 no", "0 0 no"]);
  const others = existsSync("/sys/class/net/eth0") ? " others" : "";
  const online = await build("--with-network=yes");
  for (const text of online) expect(text).toMatch(new RegExp(`^1 1 yes${others}`));

  const later = async (...args: string[]) => {
    await mkosiOk(["-f", "--format=directory", ...args], { cwd });
    return ["postinst", "finalize"].map((name) => found(join(cwd, name)).split(" ").slice(0, 3).join(" "));
  };
  expect(await later()).toEqual(["0 unset no", "0 unset no"]);
  expect(await later("--with-network=yes")).toEqual(["1 unset yes", "1 unset yes"]);
});

asRoot("VolatilePackages= come after the build scripts; $BUILDDIR stays without Incremental=, too", async () => {
  const cwd = project({
    src: {},
    "mkosi.build": `#!/bin/sh -e
echo run >>"$BUILDDIR/runs"
[ ! -e "$BUILDROOT/usr/bin/less" ]
mkdir -p "$DESTDIR/opt"; wc -l <"$BUILDDIR/runs" >"$DESTDIR/opt/run"
[ -d "$PACKAGEDIR" ]; [ -w "$PACKAGEDIR" ]
`,
    "mkosi.postinst": `#!/bin/sh -e\ntest -d "$PACKAGEDIR"\n! touch "$BUILDDIR/read-only" 2>/dev/null\n`,
  });
  const build = async (...args: string[]) => {
    await mkosiOk(["-f", "--format=directory", ...args], { cwd });
    const image = (path: string) => join(cwd, "image", path);
    return [
      readFileSync(image("opt/run"), "utf8").trim(),
      ...["usr/bin/less", "usr/bin/file"].map((path) => existsSync(image(path))),
    ];
  };
  expect(await build("--volatile-package=less")).toEqual(["1", true, false]);
  // Another volatile package is no reason to build again.
  expect(await build("--volatile-package=file")).toEqual(["1", false, true]);
  expect(await build("--incremental=no")).toEqual(["2", false, false]);
  expect(await build("--incremental=no", "-w")).toEqual(["1", false, false]);
  // Also where nothing has changed: -w is for what nobody can see.
  const seen = () =>
    execFileSync("find", [cwd, "-path", "*/image", "-prune", "-o", "-name", "runs", "-print"], { encoding: "utf8" });
  await build();
  const runs = seen().trim();
  rmSync(runs);
  await build();
  expect(existsSync(runs)).toBe(false);
  await build("-w");
  expect(existsSync(runs)).toBe(true);
});

asRoot("what build scripts leave in $BUILDDIR is an input of the scripts that read it", async () => {
  const cwd = project({
    src: { text: "1\n" },
    "mkosi.build": '#!/bin/sh -e\ncp text "$BUILDDIR/object"\n',
    "mkosi.postinst": '#!/bin/sh -e\ncp "$BUILDDIR/object" "$BUILDROOT/etc/object"\n',
  });
  const build = async () => {
    const { stderr } = await mkosiOk(["-f", "--format=directory"], { cwd });
    return [readFileSync(join(cwd, "image/etc/object"), "utf8"), /Kept: .*Packing/.test(stderr)];
  };
  expect(await build()).toEqual(["1\n", false]);
  expect(await build()).toEqual(["1\n", true]);
  writeFileSync(join(cwd, "src/text"), "2\n");
  expect(await build()).toEqual(["2\n", false]);
});
