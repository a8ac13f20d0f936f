// `mkosi check` as a whole: errors of the configuration and what the further checks find, in one run.

import { expect, test, vi } from "vitest";
import { parseCommandLine } from "../../src/cli/argv.ts";
import { loadProject } from "../../src/config/load-project.ts";
import { ExitStatus } from "../../src/report/failure.ts";
import { verb } from "../../src/verbs/check.ts";
import { layOutProject, machine } from "../config/support.ts";

async function check(directory: string, ...options: string[]): Promise<{ status: number; told: string[] }> {
  const { args } = parseCommandLine(["--json", ...options, "check"], directory);
  const written: string[] = [];
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
  let status = 0;
  try {
    const project = async () => await loadProject(args, machine);
    await verb.run({ args, machine, project, ofOptions: project, raisedVersion: async () => undefined });
  } catch (error) {
    if (!(error instanceof ExitStatus)) throw error;
    ({ status } = error);
  } finally {
    spy.mockRestore();
  }
  const { Diagnostics } = JSON.parse(written.join("")) as { Diagnostics: { Level: string; Message: string }[] };
  return {
    status,
    told: Diagnostics.map(({ Level, Message }) => `${Level} ${Message.replaceAll(`${directory}/`, "")}`),
  };
}

test("a wrong setting does not hide a script that cannot run, nor missing images those that there are", async () => {
  const directory = layOutProject({
    "mkosi.conf": "[Distribution]\nDistribution=debian\n[Config]\nDependencies=nix\n[Runtime]\nRAM=lots\n",
    "mkosi.postinst": "#!/bin/sh\n",
    "mkosi.images/a.conf": "[Content]\nExtraTrees=missing\n",
  });
  expect(await check(directory)).toEqual({
    status: 1,
    told: [
      "error the image “main” depends on “nix”, which is no image of this project",
      "error RAM: “lots” is not a size",
      "error ExtraTrees: missing does not exist",
      "error PostInstallationScripts: mkosi.postinst is not executable",
    ],
  });
});

test("what a build refuses at its beginning is told, and each mistake once", async () => {
  const alone = layOutProject({
    "mkosi.conf": "[Distribution]\nDistribution=debian\n[Output]\nFormat=sysext\n[Content]\nPackages=a\n",
  });
  expect((await check(alone)).told).toEqual([
    "error image main: an extension has packages of its own only on top of base trees",
  ]);
  const portable = layOutProject({
    "mkosi.conf": "[Distribution]\nDistribution=debian\n[Output]\nFormat=portable\nOverlay=yes\n",
  });
  expect((await check(portable)).told).toEqual([
    "error image main: a portable service is a whole image, so Overlay=yes is not for it",
  ]);
  const missing = layOutProject({
    "mkosi.conf": "[Distribution]\nDistribution=debian\n[Validation]\nPassphrase=nope\n",
  });
  expect((await check(missing)).told).toEqual(["error Passphrase: nope does not exist"]);
});

test("with --strict unknown names in files that are left out are errors", async () => {
  const directory = layOutProject({
    "mkosi.conf": "[Distribution]\nDistribution=debian\n",
    "mkosi.conf.d/x.conf": "[Match]\nDistribution=fedora\n[Content]\nPakages=a\n",
  });
  const told = "Pakages= is not a setting and is ignored";
  expect(await check(directory)).toEqual({ status: 0, told: [`warning ${told}`] });
  expect(await check(directory, "--strict")).toEqual({ status: 1, told: [`error ${told}`] });
});
