// The built-in images are laid out in our own way, but come to the same: with the settings of the original's included
// and with ours, every distribution's summary is equal.

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseCommandLine } from "../../src/cli/argv.ts";
import { projectJson } from "../../src/config/json.ts";
import { loadProject } from "../../src/config/load-project.ts";
import { runFile } from "../../src/sandbox/run-file.ts";
import { askPeer, type PeerResult, peerMissing } from "./peer.ts";

const missing = peerMissing();
const builtin = resolve(import.meta.dirname, "../../builtin");

const RELEASES: Readonly<Record<string, readonly string[]>> = {
  debian: ["bullseye", "bookworm", "trixie", "forky", "testing", "unstable"],
  ubuntu: ["jammy", "noble", "oracular", "plucky", "questing", "resolute", "devel"],
  kali: ["kali-rolling"],
  fedora: ["42", "rawhide"],
  centos: ["9", "10"],
  azure: ["3.0"],
  opensuse: ["tumbleweed"],
  arch: ["rolling"],
  postmarketos: ["edge"],
  mageia: ["cauldron"],
};

const PROFILES: Readonly<Record<string, string>> = {
  "mkosi-initrd": "lvm,network,nfs,pkcs11,plymouth,raid",
  "mkosi-tools": "debug,devel,gui,misc,package-manager,runtime",
  "mkosi-vm": "",
};

/** s390x has no UEFI, arm64 has modules and kernels of its own. */
const ARCHITECTURES = ["x86-64", "arm64", "s390x"];

const images = Object.keys(PROFILES).flatMap((image) => [
  ...Object.entries(RELEASES).flatMap(([distribution, releases]) =>
    releases.map((release, index) => ({
      image,
      argv: [
        ...["--include", image, "--distribution", distribution, "--release", release],
        ...["--architecture", ARCHITECTURES[index % 3] ?? "x86-64"],
        ...(PROFILES[image] === "" ? [] : ["--profile", PROFILES[image] ?? ""]),
      ],
    })),
  ),
  ...["arm64", "s390x", "x86"].map((architecture) => ({
    image,
    argv: ["--include", image, "--distribution", "debian", "--release", "trixie", "--architecture", architecture],
  })),
  ...["9", "10"].map((release) => ({
    image,
    argv: [
      "--include",
      image,
      "-d",
      "centos",
      "-r",
      release,
      "--repositories",
      "epel,hyperscale-packages-experimental",
    ],
  })),
]);
const cases = [
  ...images,
  { image: "mkosi-initrd", argv: ["--include", "mkosi-initrd", "-d", "debian", "-r", "trixie", "-t", "uki"] },
];

/** What the built-in configurations set; all else is compared by the other tests. */
const SETTINGS = [
  ...[
    "Packages",
    "RemovePackages",
    "RemoveFiles",
    "KernelModules",
    "Repositories",
    "Format",
    "Output",
    "ManifestFormat",
  ],
  ...[
    "SplitArtifacts",
    "Bootable",
    "Bootloader",
    "BiosBootloader",
    "MakeInitrd",
    "CleanPackageMetadata",
    "WithDocs",
    "Locale",
  ],
];

function relevant(summary: { readonly Images: readonly Readonly<Record<string, unknown>>[] }): Record<string, unknown> {
  const main = summary.Images.at(-1) ?? {};
  const entries = SETTINGS.map((key) => [key, main[key]] as const);
  const set = (value: unknown): unknown => (Array.isArray(value) ? [...new Set(value.map(String))].sort() : value);
  return Object.fromEntries(entries.map(([key, value]) => [key, set(value)]));
}

describe.skipIf(missing !== undefined)(
  `built-in images equal the original's${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  () => {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), "mkosi-builtin-")));
    const environment = { PATH: process.env["PATH"] ?? "", HOME: directory, LC_ALL: "C.UTF-8" };
    let results: readonly PeerResult[] = [];

    beforeAll(() => {
      mkdirSync(join(directory, "project"));
      results = askPeer(
        cases.map(({ argv }) => ({ directory: join(directory, "project"), argv, environment })),
      ).results;
    }, 300_000);

    afterAll(() => rmSync(directory, { recursive: true, force: true }));

    test.for(cases.map(({ argv }, index) => [argv.slice(1).join(" "), argv, index] as const))(
      "%s",
      async ([, argv, index]) => {
        const theirs = results[index];
        if (theirs === undefined || "error" in theirs) throw new Error(`the original refused: ${theirs?.error}`);
        const { args } = parseCommandLine([...argv, "summary"], join(directory, "project"));
        const run = (command: readonly string[], cwd: string): string => runFile(command, cwd, environment);
        const project = await loadProject(args, { environment, builtin, runFile: run });
        expect(relevant(projectJson(project) as never)).toEqual(relevant(theirs.summary));
      },
    );
  },
);
