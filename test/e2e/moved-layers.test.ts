// Layers above one that has changed are taken as they are where they have nothing to do with it, and made again where they
// have: what comes out is what a build without an earlier one makes.

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listing } from "../support/listing.ts";
import { mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";

const CONF = `[Distribution]
Distribution=debian
Release=trixie

[Output]
Format=directory
SplitArtifacts=

[Content]
Packages=systemd
Bootable=no
RemoveFiles=/usr/share/greeting/*.tmp /data/*.tmp

[Build]
Incremental=yes
WithNetwork=no
BuildSources=src
`;

const UNIT = (target: string) =>
  `mkdir -p opt/u; printf '[Service]\\nExecStart=true\\n[Install]\\nWantedBy=${target}.target\\n' > opt/u/far.service`;

/** What the build script puts into the image, by the name of a version. */
const VERSIONS: Readonly<Record<string, string>> = {
  one: 'mkdir -p usr/bin; echo "one of them" > usr/bin/greet; chmod 755 usr/bin/greet',
  two: "mkdir -p usr/bin; echo two > usr/bin/greet; chmod 755 usr/bin/greet",
  unit: "mkdir -p usr/lib/systemd/system; printf '[Service]\\nExecStart=true\\n[Install]\\nWantedBy=multi-user.target\\n' > usr/lib/systemd/system/greet.service",
  user: "mkdir -p usr/lib/sysusers.d; echo 'u greeter -' > usr/lib/sysusers.d/greet.conf",
  // The rule in mkosi.extra is about this one.
  ruled: "mkdir -p opt/ruled; echo 1 > opt/ruled/file",
  // So is this one, behind a link.
  linked: "mkdir -p usr/share/hidden; echo 1 > usr/share/hidden/file",
  removed: "mkdir -p usr/share/greeting; touch usr/share/greeting/a.tmp usr/share/greeting/b",
  extra: "mkdir -p etc; echo built > etc/greeting",
  // Links in mkosi.extra lead to these.
  wanted: `${UNIT("multi-user")}; mkdir -p usr/data; touch usr/data/a`,
  elsewhere: `${UNIT("graphical")}; mkdir -p usr/data; touch usr/data/a`,
  temporary: `${UNIT("graphical")}; mkdir -p usr/data; touch usr/data/a.tmp`,
  mode: "mkdir -m 700 -p usr/share/dbus-1; touch usr/share/dbus-1/own",
  attribute: "mkdir -p etc; setfattr -n user.greeting -v hello etc; touch etc/attributed",
  link: "mkdir -p usr/lib; ln -s /usr/share usr/lib/greeting",
  through: "mkdir -p srv/own opt; ln -s /srv/own opt/own",
  nothing: "true",
};

const SYSTEMD = "Applying presets and settings";
const EXTRA = "Copying extra trees";

/** The steps whose layers in the store have the content of others. */
function movedSteps(project: string): Record<string, number> {
  const layers = join(project, "mkosi.cache/layers");
  const counts: Record<string, number> = {};
  for (const name of existsSync(layers) ? readdirSync(layers) : []) {
    const path = join(layers, name, "layer.json");
    if (!existsSync(path)) continue;
    const about = JSON.parse(readFileSync(path, "utf8")) as { readonly step: string; readonly content?: string };
    if (about.content !== undefined) counts[about.step] = (counts[about.step] ?? 0) + 1;
  }
  return counts;
}

test.skipIf(process.getuid?.() !== 0)(
  "layers go on top of another tree where that makes no difference",
  { timeout: 600_000 },
  async () => {
    const cases = Object.entries(VERSIONS).map(([name, script]) => `${name}) ${script} ;;\n`);
    const project = join(makeProject({}), 'a "b", c:d');
    const files = {
      "mkosi.conf": CONF,
      "mkosi.cache": {},
      "mkosi.build": `#!/bin/bash\nset -e\ncd "$DESTDIR"\nfor version in $(cat "$SRCDIR/version"); do\ncase $version in\n${cases.join("")}esac\ndone\n`,
      second: {},
      src: { version: "one" },
      "mkosi.extra": {
        etc: { greeting: "extra\n" },
        "opt/own": { file: "extra\n" },
        "usr/lib/systemd/system-preset": { "00-far.preset": "enable far.service\n" },
        "usr/lib/tmpfiles.d": { "greet.conf": "z /opt/ruled/* 0751\nz /usr/lib/hidden/* 0750\n" },
      },
      "mkosi.skeleton": {},
    };
    cpSync(makeProject(files), project, { recursive: true });
    mkdirSync(join(project, "mkosi.skeleton/usr/lib"), { recursive: true });
    symlinkSync("../share/hidden", join(project, "mkosi.skeleton/usr/lib/hidden"));
    mkdirSync(join(project, "mkosi.extra/etc/systemd/system"), { recursive: true });
    symlinkSync("/opt/u/far.service", join(project, "mkosi.extra/etc/systemd/system/far.service"));
    symlinkSync("usr/data", join(project, "mkosi.extra/data"));
    const moves = async (version: string) => {
      writeFileSync(join(project, "src/version"), version);
      const before = movedSteps(project);
      await mkosiOk(["-f"], { cwd: project });
      const after = movedSteps(project);
      // Without records of earlier outputs nothing can be moved; only the packages are kept.
      rmSync(join(project, "second/outputs"), { recursive: true, force: true });
      await mkosiOk(["-f", "--cache-directory=second", "--output=clean"], { cwd: project });
      expect(listing(join(project, "image")), version).toBe(listing(join(project, "clean")));
      const moved = (step: string) => (after[step] ?? 0) > (before[step] ?? 0);
      return { extra: moved(EXTRA), systemd: moved(SYSTEMD), cleaned: moved("Cleaning up") };
    };

    await moves("one");
    expect(await moves("two")).toMatchObject({ extra: true, systemd: true });
    expect(await moves("two unit")).toMatchObject({ systemd: false });
    expect(await moves("one unit")).toMatchObject({ extra: true, systemd: true });
    expect(await moves("one user")).toMatchObject({ systemd: false });
    expect(await moves("one ruled")).toMatchObject({ systemd: false });
    expect(await moves("one linked")).toMatchObject({ systemd: false });
    expect(await moves("one extra")).toMatchObject({ extra: false, systemd: false });
    expect(await moves("one mode attribute")).toMatchObject({ extra: false });
    expect(await moves("two mode attribute")).toMatchObject({ extra: true, systemd: true });
    // a step that was made again does not keep those above it from going on top
    expect(await moves("two mode attribute unit")).toMatchObject({ systemd: false, cleaned: true });
    expect(await moves("two removed link")).toMatchObject({ cleaned: false });
    await moves("two wanted");
    expect(await moves("two elsewhere")).toMatchObject({ systemd: false });
    expect(await moves("two temporary")).toMatchObject({ systemd: true, cleaned: false });
    expect(await moves("two through")).toMatchObject({ extra: false });
    // extra trees were copied to what was behind the link
    expect(await moves("two")).toMatchObject({ extra: false });
    await moves("nothing");
  },
);
