// One project whose scripts of all kinds write down what they get, built by this program and by the original: arguments,
// working directory, variables, what is mounted where and how, and the helpers in $PATH must be the same.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { peer } from "../../bench/programs.ts";
import { mkosiOk } from "../support/mkosi.ts";
import { peerMissing } from "../support/peer.ts";
import { makeProject, type Tree } from "../support/project.ts";
import { keptToolsTree } from "../support/tools-tree.ts";

/** Written by each script, in a part for each thing: below the sources, which all kinds can write to. */
const RECORDER = `#!/bin/bash
name=$(basename "$0")
record=/work/src/record/KIND
n=0
while [ -e "$record.$n" ]; do n=$((n + 1)); done
{
    echo "arguments: $*"
    echo "directory: $PWD"
    env | LC_ALL=C sort | sed 's/^/env: /'
    for path in /work/*; do
        [ -w "$path" ] && access=rw || access=ro
        options=$(awk -v path="$path" '$5 == path { split($6, o, ","); print o[1] }' /proc/self/mountinfo)
        echo "work: $path $options"
    done
    [ -e /buildroot ] && echo "there: /buildroot"
    for program in mkosi-chroot mkosi-install mkosi-upgrade mkosi-remove mkosi-reinstall; do
        command -v "$program" >/dev/null && echo "helper: $program"
    done
    sed -n 's/^ *\\([^:]*\\):.*/network: \\1/p' /proc/net/dev
    [ -n "$BUILDROOT" ] && [ "$BUILDROOT" != / ] && mkosi-chroot env | LC_ALL=C sort | sed 's/^/inside: /'
    echo "user: $(id -u)"
} >"$record.$n" 2>&1
exit 0
`;

const recorder = (kind: string) => RECORDER.replace("KIND", kind);

const KINDS = ["sync", "prepare", "build", "postinst", "finalize", "postoutput", "clean"];
const INSIDE = ["prepare", "build", "postinst", "finalize"];

const PROJECT: Tree = {
  "mkosi.conf": `[Distribution]
Distribution=debian
Release=trixie
[Output]
Format=directory
ImageId=record
ImageVersion=7
OutputDirectory=out
CleanScripts=scripts/clean
[Content]
Packages=bash,mawk
Bootable=no
SourceDateEpoch=1700000000
SyncScripts=scripts/sync
PrepareScripts=scripts/prepare,scripts/prepare.chroot
BuildScripts=scripts/build,scripts/build.chroot
PostInstallationScripts=scripts/postinst,scripts/postinst.chroot
FinalizeScripts=scripts/finalize,scripts/finalize.chroot
PostOutputScripts=scripts/postoutput
[Build]
Environment=OWN=1 RELEASE=mine
BuildSources=src
BuildDirectory=builddir
EnvironmentFiles=more.env
`,
  "more.env": "FROM_FILE=x\nOWN=2\n",
  src: { record: {} },
  out: { old: "" },
  builddir: {},
  scripts: {
    ...Object.fromEntries(KINDS.map((kind) => [kind, recorder(kind)])),
    ...Object.fromEntries(INSIDE.map((kind) => [`${kind}.chroot`, recorder(`${kind}.chroot`)])),
  },
};

/**
 * What differs on purpose: $MKOSI_CONFIG is a copy that may be written to (it tells whether it was read), and Git is told of
 * certificates for proxies where there is a proxy; the original leaves empty files in /work of the image until it is
 * finished. Besides, where programs are, what shells set, and our own defaults of all programs.
 */
const NOT_COMPARED =
  /^((env|inside): (GIT_PROXY_SSL_CAINFO|_?PYENV_[A-Z_]+|PATH|PWD|OLDPWD|SHLVL|_|HOME|LANG|TMPDIR|NO_COLOR|PYTHONPATH|LC_[A-Z]+)=|work: \/work\/config.json|work: \S+ $)/;

function records(directory: string): Record<string, readonly string[]> {
  const place = join(directory, "src/record");
  return Object.fromEntries(
    readdirSync(place)
      .toSorted()
      .map((name) => [
        name,
        readFileSync(join(place, name), "utf8")
          .trimEnd()
          .split("\n")
          .filter((line) => !NOT_COMPARED.test(line)),
      ]),
  );
}

const reason = process.getuid?.() === 0 ? peerMissing() : "the original is run as root";

test.skipIf(reason !== undefined)("scripts of all kinds get what the original gives them", async () => {
  const [mine, peers] = [makeProject(PROJECT), makeProject(PROJECT)];
  const build = ["-f", "build", "one", "two three"];
  await mkosiOk(build, { cwd: mine });
  await peer(makeProject(), keptToolsTree()).run(build, peers, false);
  const [ours, theirs] = [records(mine), records(peers)];
  // clean, sync and post-output scripts run once, the others outside and inside of the image, prepare scripts twice
  expect(Object.keys(theirs)).toHaveLength(3 + 2 * 4 + 2);
  expect(Object.keys(ours)).toEqual(Object.keys(theirs));
  for (const [name, lines] of Object.entries(theirs)) {
    expect(lines.length).toBeGreaterThan(10);
    expect.soft(ours[name], name).toEqual(lines);
  }
});
