// ./x mirror: serves the local mirror until Ctrl-C, for trying other distributions by hand.

import { once } from "node:events";
import { type MirrorName, mirrorMissing, startMirror } from "./mirror.ts";

/** Whose packages there are, with a release that the mirror has where the default one is missing. */
const TARGETS: readonly (readonly [name: MirrorName, release?: string])[] = [
  ["fedora", "43"],
  ["centos"],
  ["rocky"],
  ["alma"],
  ["azure"],
  ["mageia"],
  ["openmandriva"],
  ["opensuse"],
  ["arch"],
];

const missing = mirrorMissing();
if (missing === undefined) await serve();
else {
  process.stderr.write(`./x mirror: ${missing}\n`);
  process.exitCode = 1;
}

async function serve(): Promise<void> {
  const stopped = Promise.race(["SIGINT", "SIGTERM"].map((signal) => once(process, signal)));
  await using mirror = await startMirror();
  const options = TARGETS.map(([name, release]) =>
    [`-d ${name}`, ...(release === undefined ? [] : [`-r ${release}`]), `-m ${mirror.url(name)}`].join(" "),
  );
  process.stdout.write(`The local mirror is served until Ctrl-C. In a project, one of these with -p hello, --format=directory and what you like:

${options.map((text) => `  mkosi --tools-tree=${mirror.toolsTree} ${text}\n`).join("")}
/unsigned/… and /wrong-key/… before the name (${mirror.url("fedora", "wrong-key")}) have bad signatures.
As --proxy-url=${mirror.proxy}, without -m, it stands in for the distributions' own servers.
The files are in ${mirror.root}
`);
  await stopped;
}
