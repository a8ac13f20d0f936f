// Makes the mirror: packages of two formats out of Debian's, signed, in the layout of each distribution.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tools } from "../run-tool.ts";
import { layApkRepositories } from "./apk.ts";
import { fetchDebs } from "./debs.ts";
import { FILES, LINKS } from "./layouts.ts";
import type { Package } from "./package.ts";
import { buildPacmanPackages } from "./pacman.ts";
import { layPacmanRepositories } from "./pacman-repositories.ts";
import { plan } from "./plan.ts";
import { buildRpms } from "./rpm.ts";
import { layRpmRepositories } from "./rpm-repositories.ts";
import { copyKernel, fixUp, put, putLink, unpack } from "./stage.ts";
import { archPackages, commonPackages, releasePackages, rpmPackages } from "./synthetic.ts";

/** Fills PLACE/mirror; leaves other things beside it. Needs root and Debian's mirror. */
export async function makeMirror(tools: Tools, place: string): Promise<void> {
  const mirror = join(place, "mirror");
  const stage = join(place, "stage");
  mkdirSync(stage, { recursive: true });
  const debs = await fetchDebs(tools, join(place, "apt"));
  const { common, rpm, pacman } = await stagePackages(tools, plan(debs, stage), stage);
  // First, as rpmbuild changes the modes of the files that it is given.
  const archives = await buildPacmanPackages(tools, [...common, ...pacman], place);
  await layPacmanRepositories(tools, archives, place, mirror);
  const rpms = await buildRpms(tools, [...common, ...rpm], place);
  await layRpmRepositories(tools, rpms, place, mirror);
  layApkRepositories(mirror);
  for (const [path, text] of Object.entries(FILES)) put(join(mirror, path), text);
  for (const [path, target] of Object.entries(LINKS)) {
    for (const variant of ["", "unsigned", "wrong-key"]) putLink(join(mirror, variant, path), target);
  }
  for (const variant of ["unsigned", "wrong-key"]) putLink(join(mirror, variant, "arch/core"), "../../arch/core");
  put(join(mirror, "keys/public.asc"), readFileSync(join(tools.key, "public.asc")));
}

async function stagePackages(
  tools: Tools,
  real: readonly Package[],
  stage: string,
): Promise<{ common: Package[]; rpm: Package[]; pacman: Package[] }> {
  await unpack(tools, real, stage);
  const kernel = fixUp(stage);
  const withKernel = real.map((made) => {
    const scriptlets = Object.entries(made.scriptlets).map(([when, text]) => [when, text.replaceAll("KVER", kernel)]);
    return { ...made, scriptlets: Object.fromEntries(scriptlets) as Package["scriptlets"] };
  });
  const newer = withKernel
    .filter(({ name }) => name === "hello")
    .map((hello) => ({ ...hello, release: `${hello.release}.1`, part: "updates" as const }));
  // Elsewhere than in Fedora, modules are compressed by zstd.
  const fedoras = withKernel.filter(({ name }) => name === "kernel-core");
  const name = "kernel-default";
  const others = fedoras.map((made) => ({ ...made, name, root: join(stage, name), provides: { rpm: [], pacman: [] } }));
  for (const [index, { root }] of others.entries()) await copyKernel(tools, fedoras[index]?.root ?? "", root);
  return {
    common: [
      ...withKernel.filter((made) => !fedoras.includes(made)),
      ...others,
      ...commonPackages(stage, real),
      ...newer,
    ],
    rpm: [...fedoras, ...rpmPackages(stage), ...releasePackages(stage)],
    pacman: archPackages(stage, tools.key),
  };
}
