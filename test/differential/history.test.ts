// History=: what the original and we remember of a command line, and what later calls take from it. Each story is a
// sequence of calls in one directory; after each the summaries, the files and the options that are ignored must be equal.

import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rememberOptions } from "../../src/build/remember.ts";
import { parseCommandLine } from "../../src/cli/argv.ts";
import { projectJson } from "../../src/config/json.ts";
import { loadProject } from "../../src/config/load-project.ts";
import { Failure } from "../../src/report/failure.ts";
import { runFile } from "../../src/sandbox/run-file.ts";
import { type FileSpec, layOut } from "./case.ts";
import { differences, normalize } from "./compare.ts";
import { askPeer, type PeerResult, peerMissing, type Summary } from "./peer.ts";

interface Story {
  readonly name: string;
  readonly files: Readonly<Record<string, FileSpec>>;
  /** Command lines whose last word is the verb. */
  readonly calls: readonly string[];
}

const BASE =
  "[Distribution]\nDistribution=debian\nRelease=trixie\nArchitecture=x86-64\n[Validation]\n" +
  "[Content]\nPackages=own\nHostname=own\nEnvironment=OWN=1\n";
const HISTORY = `${BASE}[Build]\nHistory=yes\n`;

/** Verbs that use an image, as far as both have them. */
const USES = [
  "summary",
  "cat-config",
  "shell",
  "boot",
  "vm",
  "qemu",
  "ssh",
  "serve",
  "burn",
  "sysupdate",
  "journalctl",
];

const stories: readonly Story[] = [
  {
    name: "kinds of settings, in every verb that uses an image",
    files: { "mkosi.conf": BASE },
    calls: [
      "--history=yes -p a -p b --hostname=h --environment=E=1 --compress-level=7 --bootable=no " +
        "--root-password=hashed:x --ram=3G --kernel-command-line=quiet --split-artifacts=uki -O out build",
      ...USES,
      ...USES.map((verb) => `-f ${verb}`),
    ],
  },
  {
    name: "empty options",
    files: { "mkosi.conf": HISTORY },
    calls: ["-p= --hostname= --environment= --image-id= --compress-level= --format= build", "summary", "vm"],
  },
  {
    name: "options of later calls: ignored, or added where nothing is remembered",
    files: { "mkosi.conf": HISTORY },
    calls: [
      "-p a --hostname=h build",
      "-p c --hostname=h --image-id=i --ram=5G summary",
      "--hostname=other -p a vm",
      "--hostname= --environment=X=1 summary",
      "-p c -f summary",
      "summary",
      "-p c build",
      "summary",
    ],
  },
  {
    name: "only what was built with -f or by build is remembered",
    files: { "mkosi.conf": HISTORY },
    calls: [
      "-p a vm",
      "summary",
      "-p b -f vm",
      "summary",
      "-p c summary",
      "-f -p d boot",
      "summary",
      "-R build",
      "-p e -R build",
      "summary",
    ],
  },
  {
    name: "verbs that neither read nor write",
    files: { "mkosi.conf": HISTORY },
    calls: ["-p a build", "clean", "box", "-f clean", "summary"],
  },
  {
    name: "without History= nothing is written, but what is there is read",
    files: { "mkosi.conf": BASE },
    calls: ["-p a build", "summary", "-p b --history=yes build", "summary", "-p c build", "summary"],
  },
  {
    name: "an output directory on the command line has options of its own",
    files: { "mkosi.conf": HISTORY },
    calls: [
      "-O one -p a build",
      "-O two -p b build",
      "summary",
      "-O one summary",
      "-O two summary",
      "-O three summary",
      "-O one -p x build",
      "-O two vm",
    ],
  },
  {
    name: "a configured output directory",
    files: { "mkosi.conf": `${HISTORY}[Output]\nOutputDirectory=out\n` },
    calls: ["-p a build", "summary", "-O out summary", "-O other summary"],
  },
  {
    name: "configuration in mkosi/, with images, includes, profiles and runtime settings",
    files: {
      "mkosi/mkosi.conf": HISTORY,
      "mkosi/mkosi.images/sub.conf": "[Content]\nPackages=sub\n",
      "mkosi/mkosi.profiles/p.conf": "[Content]\nPackages=profile\n",
      "more.conf": "[Content]\nPackages=more\n",
    },
    calls: [
      "--profile=p --include=more.conf --release=sid --cpus=3 --tools-tree=/ build",
      "summary",
      "--include=more.conf summary",
    ],
  },
  {
    name: "without configuration",
    files: { "mkosi.conf": HISTORY },
    calls: ["-p a build", "-C  summary", "summary"],
  },
  {
    name: "files that cannot be read",
    files: { "mkosi.conf": BASE, ".mkosi-private/history/latest.json": '{"Bootable": "maybe"}' },
    calls: ["summary", "-f summary", "build", "vm", "--history=yes -p a build", "vm"],
  },
  {
    name: "former names",
    files: {
      "mkosi.conf": BASE,
      ".mkosi-private/history/latest.json": '{"QemuMem": 8192, "KernelCommandLineExtra": ["a"], "CleanScripts": []}',
    },
    calls: ["summary", "vm"],
  },
  {
    name: "a file of another version",
    files: { "mkosi.conf": BASE, ".mkosi-private/history/latest.json": '{"QemuMem": 4096, "BiosSize": 1}' },
    calls: ["summary", "build"],
  },
  {
    name: "a file that is no JSON",
    files: { "mkosi.conf": BASE, ".mkosi-private/history/latest.json": "" },
    calls: ["vm", "build"],
  },
];

const missing = peerMissing();
const builtin = resolve(import.meta.dirname, "../../builtin");
const root = realpathSync(mkdtempSync(join(tmpdir(), "mkosi-history-")));
const environment = { PATH: process.env["PATH"] ?? "", HOME: root, LC_ALL: "C.UTF-8" };
let peer: { readonly resources: string; readonly results: readonly PeerResult[] } | undefined;

function place(story: number, of: "ours" | "theirs"): string {
  return join(root, of, String(story), "project");
}

function words(call: string): string[] {
  return call.split(" ");
}

interface Outcome {
  readonly summary: Summary;
  /** The options that were ignored. */
  readonly ignored: readonly string[];
}

/** What a call does to the configuration; the build itself is left out. */
async function ours(call: string, directory: string): Promise<Outcome | string> {
  try {
    const { args } = parseCommandLine(words(call), directory);
    const project = await loadProject(args, { environment, builtin, runFile });
    if (args.remembersBuild) await rememberOptions(project);
    const ignored = project.warnings.flatMap(({ message }) => /^(--\S+) is ignored/.exec(message)?.[1] ?? []);
    return { summary: projectJson(project) as unknown as Summary, ignored };
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

/** What is remembered in a project, by the file's place. */
function remembered(directory: string): Record<string, unknown> {
  const places = [".", "mkosi", "out", "one", "two", "three", "other"];
  return Object.fromEntries(
    places
      .map((name) => [name, join(directory, name, ".mkosi-private/history/latest.json")] as const)
      .filter(([, file]) => existsSync(file))
      .map(([name, file]) => [name, readFileSync(file, "utf8").replaceAll(directory, "<project>")]),
  );
}

beforeAll(() => {
  if (missing !== undefined) return;
  stories.forEach(({ files }, index) => {
    layOut(place(index, "ours"), files);
    layOut(place(index, "theirs"), files);
  });
  peer = askPeer(
    stories.flatMap(({ calls }, index) =>
      calls.map((call) => {
        const argv = words(call);
        return {
          directory: place(index, "theirs"),
          argv: argv.slice(0, -1),
          environment,
          verb: argv.at(-1) ?? "",
        };
      }),
    ),
  );
}, 300_000);

afterAll(() => rmSync(root, { recursive: true, force: true }), 120_000);

const starts = stories.map((_, index) => stories.slice(0, index).flatMap(({ calls }) => calls).length);

test.for(stories.map((story, index) => [story.name, story, index] as const))(
  "%s",
  async ([, { calls }, index], { skip }) => {
    if (missing !== undefined) skip(missing);
    for (const [step, call] of calls.entries()) {
      const theirs = peer?.results[(starts[index] ?? 0) + step];
      if (theirs === undefined) throw new Error("the original was not asked");
      const own = await ours(call, place(index, "ours"));
      if ("error" in theirs || typeof own === "string") {
        expect({ call, refused: typeof own === "string", told: own }).toMatchObject({ refused: "error" in theirs });
        continue;
      }
      const alike = (summary: Summary, of: "ours" | "theirs"): Summary =>
        JSON.parse(JSON.stringify(summary).replaceAll(place(index, of), "<project>")) as Summary;
      const found = differences(
        normalize(alike(own.summary, "ours"), { builtin, seed: false }),
        normalize(alike(theirs.summary, "theirs"), { builtin: peer?.resources ?? "", seed: false }),
      );
      expect({ call, found }).toEqual({ call, found: [] });
      const ignored = [...theirs.messages.matchAll(/Ignoring (--\S+) from the CLI/g)].map(([, option = ""]) => option);
      expect({ call, ignored: own.ignored.toSorted() }).toEqual({ call, ignored: ignored.toSorted() });
    }
    expect(remembered(place(index, "ours"))).toEqual(remembered(place(index, "theirs")));
  },
);
