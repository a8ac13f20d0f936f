// Configure scripts, run for real by the original and by us: the same images with the same settings come out, or both
// refuse. Needs root, as the sandbox is used without the namespace that `mkosi` makes for other users.

import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { configureImage } from "../../src/build/scripts/configure.ts";
import { parseCommandLine } from "../../src/cli/argv.ts";
import { withImages } from "../../src/config/configured.ts";
import { projectJson } from "../../src/config/json.ts";
import { loadProject } from "../../src/config/load-project.ts";
import { Failure } from "../../src/report/failure.ts";
import { runFile } from "../../src/sandbox/run-file.ts";
import { createRunner } from "../../src/sandbox/spawn.ts";
import { type Case, type FileSpec, layOut } from "./case.ts";
import { differences, normalize } from "./compare.ts";
import { askPeer, type PeerResult, peerMissing, type Summary } from "./peer.ts";

const BASE = "[Distribution]\nDistribution=debian\nRelease=trixie\nArchitecture=x86-64\n";

/** A script that changes `c`, the configuration; `env` and `os` are there, too. */
function python(...lines: readonly string[]): FileSpec {
  const text = ["#!/usr/bin/python3", "import json, os, sys", "env = os.environ", "c = json.load(sys.stdin)", ...lines];
  return { run: [...text, "json.dump(c, sys.stdout)", ""].join("\n") };
}

/** Names of variables that the scripts of both have; the values of others are the machine's. */
const VARIABLES =
  "DISTRIBUTION RELEASE ARCHITECTURE QEMU_ARCHITECTURE DISTRIBUTION_ARCHITECTURE EFI_ARCHITECTURE PROFILES SRCDIR " +
  "MKOSI_UID MKOSI_GID MKOSI_DEBUG SUBIMAGE IMAGE_ID IMAGE_VERSION SOURCE_DATE_EPOCH OWN FROM_FILE";

const cases: readonly Case[] = [
  {
    name: "settings of all kinds",
    files: {
      "mkosi.conf": `${BASE}[Content]\nPackages=b\nEnvironment=A=1\n`,
      "mkosi.configure": python(
        'c["Packages"] += ["a", "z"]',
        'c["Environment"]["B"] = "2"',
        'c["Bootable"] = "enabled"',
        'c["Autologin"] = True',
        'c["CompressLevel"] = 9',
        'c["ImageVersion"] = "7"',
        'c["ExtraTrees"] = [{"Source": "/usr/share", "Target": "/x"}]',
        'c["RootPassword"] = ["secret", False]',
        'c["Drives"] = [{"Id": "d", "Size": "1G"}]',
        'c["Credentials"] = [{"Name": "n", "Value": "v"}]',
        'c["VerityKeySource"] = {"Type": "engine", "Source": "x"}',
        'c["Seed"] = "11111111-2222-3333-4444-555555555555"',
      ),
    },
    seed: true,
  },
  {
    name: "each script gets what the one before has printed",
    files: {
      "mkosi.conf": `${BASE}[Config]\nConfigureScripts=scripts/*\n`,
      "mkosi.configure": python('c["Packages"] = ["one"]'),
      "scripts/2": python('c["Packages"] += ["three"]'),
      "scripts/1": python('c["Packages"] += ["two"]'),
    },
  },
  {
    name: "environment, sources and working directory",
    files: {
      "mkosi.conf":
        `${BASE}[Config]\nProfiles=p,q\n[Output]\nImageId=i\nImageVersion=3\n` +
        "[Content]\nSourceDateEpoch=5\nEnvironment=OWN=1 ARCHITECTURE=mine\nEnvironmentFiles=more.env\n[Build]\nBuildSources=src:in\n",
      "more.env": "# comment\nFROM_FILE = x y\nOWN=2\n",
      "src/file": "",
      "mkosi.profiles/p.conf": "",
      "mkosi.profiles/q.conf": "",
      "mkosi.images/sub.conf": "",
      "mkosi.images/sub2/mkosi.configure": python('c["Hostname"] = env["SUBIMAGE"]'),
      "mkosi.configure": python(
        `c["Environment"] = {name: env.get(name, "unset") for name in "${VARIABLES}".split()}`,
        'c["Packages"] = [os.getcwd(), str(sorted(os.listdir("."))), str(sorted(os.listdir("/work/src/in")))]',
      ),
    },
  },
  {
    name: "what is left out has its default",
    files: {
      "mkosi.conf": `${BASE}[Content]\nPackages=a\nBootable=no\n[Output]\nCompressLevel=8\nOutputMode=0600\n`,
      "mkosi.configure": python('for name in ("Packages", "Bootable", "CompressLevel", "OutputMode"): del c[name]'),
    },
  },
  {
    name: "dependencies are sorted again",
    files: {
      "mkosi.conf": `${BASE}[Config]\nDependencies=a,b,c\n`,
      "mkosi.images/a.conf": "",
      "mkosi.images/b.conf": "",
      "mkosi.images/c.conf": "",
      "mkosi.configure": python('c["Dependencies"] = ["b", "a"]'),
    },
  },
  {
    name: "not for the tools tree, but for the default initrd",
    files: {
      "mkosi.conf": `${BASE}[Content]\nInitrds=default\n[Build]\nToolsTree=/\n`,
      "mkosi.initrd.conf/mkosi.configure": python(
        'c["Packages"] = []',
        'c["KernelModules"] = []',
        'c["Hostname"] = "ran-here"',
      ),
    },
  },
  {
    name: "MakeScriptsExecutable=",
    files: {
      "mkosi.conf": `${BASE}[Build]\nMakeScriptsExecutable=yes\n`,
      "mkosi.configure": (python('c["Packages"] = ["a"]') as { run: string }).run,
    },
  },
  ...Object.entries({
    "no output": ["true", "its output is empty"],
    "no JSON": ["echo hello", "its output is not JSON: Unexpected token"],
    "a list": ["echo '[]'", "its output is not a JSON object"],
    failure: ["cat; exit 3", "ended with status 3"],
    "an unknown setting": ["sed '1s/{/{\"Nonsense\": 1,/'", "Nonsense"],
    "a word that is none": [
      'sed \'s/"Bootable": *"auto"/"Bootable": "maybe"/\'',
      'Bootable must be one of auto, enabled, disabled, but is "maybe"',
    ],
  } as const).map(([name, [script, refused]]): Case => {
    return {
      name: `refused: ${name}`,
      files: { "mkosi.conf": BASE, "mkosi.configure": { run: `#!/bin/sh\n${script}\n` } },
      refused,
    };
  }),
  {
    name: "refused: a script that is not executable",
    files: { "mkosi.conf": BASE, "mkosi.configure": "#!/bin/sh\ncat\n" },
    refused: "mkosi.configure is not executable",
  },
  {
    name: "refused: an image that does not exist",
    files: { "mkosi.conf": BASE, "mkosi.configure": python('c["Dependencies"] = ["none"]') },
    refused: "the image “main” depends on “none”, which is no image of this project",
  },
];

const missing =
  process.getuid?.() !== 0
    ? "needs root"
    : existsSync("/usr/bin/python3")
      ? peerMissing()
      : "the scripts need /usr/bin/python3";
const builtin = resolve(import.meta.dirname, "../../builtin");
const root = realpathSync(mkdtempSync(join(tmpdir(), "mkosi-configure-")));
const environment = { PATH: process.env["PATH"] ?? "", HOME: root, LC_ALL: "C.UTF-8" };
let peer: { readonly resources: string; readonly results: readonly PeerResult[] } | undefined;

function place(index: number, of: "ours" | "theirs"): string {
  return join(root, of, String(index), "project");
}

async function ours(entry: Case, directory: string): Promise<Summary | string> {
  try {
    const { args } = parseCommandLine([...(entry.argv ?? []), "build"], directory);
    const project = await loadProject(args, { environment, builtin, runFile });
    const runner = createRunner({ directory: join(root, "sandbox"), log: () => {} });
    const options = { toolbox: { kind: "host", searchPaths: [] }, debug: false } as const;
    const images = [];
    for (const image of project.images) images.push(await configureImage(runner, project, image, options));
    return projectJson(withImages(project, images)) as unknown as Summary;
  } catch (error) {
    if (error instanceof Failure) return `${error.message}\n${error.details.excerpt ?? ""}`;
    throw error;
  }
}

beforeAll(() => {
  if (missing !== undefined) return;
  cases.forEach(({ files }, index) => {
    layOut(place(index, "ours"), files ?? {});
    layOut(place(index, "theirs"), files ?? {});
  });
  peer = askPeer(
    cases.map(({ argv }, index) => {
      return { directory: place(index, "theirs"), argv: argv ?? [], environment, verb: "build", configure: true };
    }),
  );
}, 300_000);

afterAll(() => rmSync(root, { recursive: true, force: true }), 120_000);

test.for(cases.map((entry, index) => [entry.name, entry, index] as const))("%s", async ([, entry, index], { skip }) => {
  if (missing !== undefined) skip(missing);
  const theirs = peer?.results[index];
  if (theirs === undefined) throw new Error("the original was not asked");
  const own = await ours(entry, place(index, "ours"));
  if (entry.refused !== undefined) {
    expect("error" in theirs ? "refused" : "accepted", "the original").toBe("refused");
    expect(typeof own === "string" ? own : "accepted", "we").toContain(entry.refused);
    return;
  }
  if ("error" in theirs) throw new Error(`the original refused: ${theirs.error}`);
  if (typeof own === "string") throw new Error(`we refused: ${own}`);
  if (JSON.stringify(entry.files).includes("ran-here")) expect(JSON.stringify(own)).toContain("ran-here");
  const alike = (summary: Summary, of: "ours" | "theirs"): Summary =>
    JSON.parse(JSON.stringify(summary).replaceAll(place(index, of), "<project>")) as Summary;
  const seed = entry.seed ?? false;
  const found = differences(
    normalize(alike(own, "ours"), { builtin, seed }),
    normalize(alike(theirs.summary, "theirs"), { builtin: peer?.resources ?? "", seed }),
  );
  expect(found).toEqual([]);
});
