// `mkosi why` beyond one changed setting: what is not there yet, what is gone, files made from others, images made from images.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { incrementalConf } from "../support/incremental.ts";
import { mkosiOk } from "../support/mkosi.ts";
import { makeProject, type Tree } from "../support/project.ts";

const asRoot = test.skipIf(process.getuid?.() !== 0);

const DISTRIBUTION = "[Distribution]\nDistribution=debian\nRelease=trixie\n";
const INCREMENTAL = "[Build]\nIncremental=yes\n";

interface Verdict {
  readonly image: string;
  readonly step: string;
  readonly verdict: string;
  readonly changes: readonly string[];
  readonly derived: readonly Omit<Verdict, "image" | "step" | "derived">[];
}

function project(tree: Tree) {
  const cwd = makeProject({ "mkosi.cache": {}, ...tree });
  const why = async (...args: string[]) => (await mkosiOk([...args, "why"], { cwd })).stdout;
  return {
    cwd,
    build: (...args: string[]) => mkosiOk(["-f", ...args], { cwd }),
    why,
    verdicts: async (...args: string[]) => JSON.parse(await why(...args, "--json")) as Verdict[],
  };
}

/** The directory of a step's only layer. */
function layerOf(cwd: string, step: string): string {
  const layers = join(cwd, "mkosi.cache/layers");
  const key = readdirSync(layers).find((name) => readFileSync(join(layers, name, "layer.json"), "utf8").includes(step));
  return join(layers, key as string);
}

asRoot("what is not kept yet and what is gone is told as such, and many steps in one line", async () => {
  const { cwd, build, why } = project({
    "mkosi.conf": incrementalConf(),
    "mkosi.extra": { one: "1\n" },
  });
  expect(await why()).toMatch(
    /^• main {2}Installing the base system runs: nothing is kept yet\n• main {2}and the \d steps after it\n$/,
  );
  await build();
  const gone =
    "• main  Copying extra trees runs again: what it has made was removed (mkosi cache prune, CacheSize=), or is lost\n";
  const layer = layerOf(cwd, "Copying extra trees");
  renameSync(layer, join(cwd, "layer"));
  expect(await why()).toContain(gone);
  renameSync(join(cwd, "layer"), layer);
  expect(await why()).not.toContain("•");
  // Removed by ourselves, and known for some time.
  await build("--hostname=other");
  await mkosiOk(["cache", "prune"], { cwd });
  expect(await why()).toContain(
    "• main  Writing the image's identity runs again: what it has made was removed (mkosi cache prune, CacheSize=), or is lost\n",
  );
  expect(await why("--hostname=other")).not.toContain("•");
  expect(await why("--cache-key=other")).toContain("runs: what is kept was made by another version of mkosi");
  await mkosiOk(["-f", "clean"], { cwd });
  expect(await why()).toContain("nothing is kept yet");
});

asRoot("files that are made from others are told with their step", async () => {
  const { build, why, verdicts } = project({
    "mkosi.conf": `${DISTRIBUTION}[Output]
Format=directory
SplitArtifacts=
[Content]
Bootable=yes
Bootloader=uki
UnifiedKernelImages=unsigned
Packages=systemd-boot-efi udev linux-image-cloud-amd64
${INCREMENTAL}`,
  });
  await build();
  expect(await why()).not.toContain("•");
  const of = async (...args: string[]) =>
    (await verdicts(...args)).flatMap(({ image, derived }) =>
      image === "main" ? derived.map(({ verdict, changes }) => [verdict, ...changes]) : [],
    );
  expect(await of()).toEqual([["kept"], ["kept"], ["kept"]]);
  const text = await why("--compress-level=3", "--kernel-command-line=x");
  expect(text).toMatch(/^• main {2}Installing kernels runs again:$/m);
  expect(text).toMatch(
    /^ {4}Unified kernel image \(.*\) is taken as it is, if what it is made from comes out the same$/m,
  );
  const changed = ["changed", "the programs that build it were installed or updated"];
  expect((await of("--tools-tree=/")).slice(1)).toEqual([changed, changed]);
  const { stderr } = await build("--debug", "--kernel-command-line=x");
  expect(stderr).toContain("Initrd with kernel modules: the one that was made from the same things before");
});

asRoot("an image that is made from one that is built again is not compared with its present output", async () => {
  const output = "[Output]\nFormat=directory\nSplitArtifacts=\n";
  const { cwd, build, verdicts } = project({
    "mkosi.conf": `${DISTRIBUTION}[Output]\nFormat=none\nOutputDirectory=out\n[Config]\nDependencies=one two\n${INCREMENTAL}`,
    "mkosi.images": {
      one: { "mkosi.conf": `${output}[Content]\nBootable=no\n`, "mkosi.extra": { file: "1\n" } },
      two: {
        "mkosi.conf": `[Config]\nDependencies=one\n${output}[Content]\nBootable=no\nExtraTrees=../../out/one/etc:/etc-of-one\n`,
      },
    },
  });
  mkdirSync(join(cwd, "out"));
  await build();
  const changed = async (...args: string[]) =>
    (await verdicts(...args)).flatMap(({ image, step, verdict, changes }) =>
      image === "two" && verdict !== "kept" && verdict !== "above" ? [step, verdict, ...changes] : [],
    );
  expect(await changed()).toEqual([]);
  rmSync(join(cwd, "mkosi.images/one/mkosi.extra/file"));
  expect(await changed()).toEqual([
    ...["Copying extra trees", "changed"],
    "ExtraTrees=: the output that it names is made again, and looked at then",
  ]);
  await build();
  expect(await changed()).toEqual([]);
});
