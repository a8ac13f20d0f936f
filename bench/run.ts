// `./x bench`: the same work done by the original mkosi and by this one, in turns, as a table of ratios.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Mirror, startMirror } from "../test/distros/mirror.ts";
import { mkosiOk } from "../test/support/mkosi.ts";
import { peerMissing } from "../test/support/peer.ts";
import { writeTree } from "../test/support/project.ts";
import { keptToolsTree } from "../test/support/tools-tree.ts";
import { CASES, type Case, DISTROS } from "./cases.ts";
import { bareNode, bareQemu, ours, type Program, peer } from "./programs.ts";
import { formatTable, type Result, writePage } from "./report.ts";
import { median } from "./statistics.ts";
import { forgetBases, scratchParent } from "./surroundings.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string" },
    "tools-tree": { type: "string" },
    write: { type: "boolean", default: false },
  },
});

const names = CASES.map(({ name }) => name);
const unknown = positionals.filter((name) => name !== DISTROS && !names.includes(name));
if (unknown.length > 0)
  throw new Error(
    `no such case: ${unknown.join(", ")}; there are ${names.join(", ")}, and ${DISTROS} for those from a mirror`,
  );
const reason = peerMissing();
if (reason !== undefined) throw new Error(reason);

const isChosen = ({ name, mirror }: Case) =>
  positionals.length === 0 || positionals.includes(mirror === undefined ? name : DISTROS) || positionals.includes(name);
const cases = CASES.filter(isChosen);
let onDisk: string | undefined;
const scratch = mkdtempSync(join(scratchParent(), "mkosi-bench-"));
try {
  const toolsTree = cases.some(({ builds, mirror }) => builds && mirror === undefined)
    ? (values["tools-tree"] ?? (await ensureToolsTree()))
    : undefined;
  const mirror = cases.some((one) => one.mirror !== undefined) ? await startMirror() : undefined;
  const results: Result[] = [];
  for (const one of cases) results.push(await measure(one, toolsTree, one.mirror === undefined ? undefined : mirror));
  await mirror?.close();
  console.log(`\n${formatTable(results)}`);
  if (values.write) console.log(`written to ${writePage(results)}`);
} finally {
  for (const directory of [scratch, ...(onDisk === undefined ? [] : [onDisk])])
    rmSync(directory, { recursive: true, force: true });
}

/** A directory that is not in memory. */
function disk(): string {
  onDisk ??= mkdtempSync("/var/tmp/mkosi-bench-");
  return onDisk;
}

/** Both run with the tools tree that this mkosi builds and keeps. */
async function ensureToolsTree(): Promise<string> {
  const directory = join(scratch, "tools");
  writeTree(directory, {
    "mkosi.conf":
      "[Distribution]\nDistribution=debian\nRelease=trixie\n\n[Output]\nFormat=none\n\n[Build]\nToolsTree=default\n",
  });
  console.log("the tools tree, which is built when it is not there …");
  await mkosiOk(["-f", "build"], { cwd: directory });
  return keptToolsTree();
}

/** @param mirror where its packages come from, with a tools tree of its own */
async function measure(one: Case, debianTools: string | undefined, mirror: Mirror | undefined): Promise<Result> {
  const toolsTree = mirror?.toolsTree ?? debianTools;
  const options = (program: string) =>
    mirror === undefined || one.mirror === undefined
      ? []
      : // A mirror that was made anew has other signatures.
        [`--mirror=${mirror.url(one.mirror)}`, `--package-cache-directory=${packages(program)}`];
  const packages = (program: string) => {
    const directory = join(scratch, one.name, `${program}-packages`);
    mkdirSync(directory, { recursive: true });
    return directory;
  };
  const programs: readonly Program[] = [
    ours(toolsTree, options("ours")),
    peer(scratch, toolsTree, [...options("peer"), ...(one.peerOptions ?? [])]),
    ...(one.builds ? [] : [bareNode]),
    ...(one.until === undefined || toolsTree === undefined ? [] : [bareQemu(toolsTree)]),
  ];
  const place = one.onDisk === true ? disk() : scratch;
  const runs = Math.max(1, Number(values.runs ?? one.runs));
  const samples = new Map(programs.map((program) => [program, { seconds: [] as number[], bytes: 0 }]));
  for (const program of programs) {
    const directory = join(place, one.name, program.name);
    mkdirSync(directory, { recursive: true });
    writeTree(directory, one.project);
    one.prepare?.(directory);
    // The first run fills the caches; memory is looked at here, as looking takes time.
    process.stdout.write(`${one.name}: ${program.name} …`);
    const first = await program.run(one.argv, directory, true, one.until);
    const sample = samples.get(program);
    if (sample !== undefined) sample.bytes = first.bytes;
    console.log(` ${first.seconds.toFixed(2)} s (not counted), ${(first.bytes / 2 ** 20).toFixed(0)} MiB`);
  }
  for (let run = 0; run < runs; run++) {
    // Who begins alternates, so that neither always runs on the heels of the other.
    for (const program of run % 2 === 0 ? programs : [...programs].reverse()) {
      const directory = join(place, one.name, program.name);
      writeTree(directory, one.change?.(run) ?? {});
      if (one.isFirst === true) forgetBases();
      const { seconds } = await program.run(one.argv, directory, false, one.until);
      samples.get(program)?.seconds.push(seconds);
      if (one.builds) console.log(`${one.name}: ${program.name} ${seconds.toFixed(2)} s`);
    }
  }
  const [mine, theirs, bare] = programs.map((program) => {
    const { seconds, bytes } = samples.get(program) ?? { seconds: [], bytes: 0 };
    return { seconds: median(seconds), best: Math.min(...seconds), bytes };
  });
  if (mine === undefined || theirs === undefined) throw new Error("two programs are compared");
  return {
    name: one.name,
    what: one.what,
    runs,
    ours: mine,
    peer: theirs,
    overBare: bare && mine.best - bare.best,
    peerOverBare: bare && theirs.best - bare.best,
  };
}
