// What makes a heap of packages a system: its identity, then what systemd's own programs write into it (users,
// volatile files, enabled units, first-boot settings, the indexes of modules and hardware).

import { indexModules } from "../../boot/depmod.ts";
import { isPartial } from "../../facts/output-formats.ts";
import { together } from "../../sandbox/together.ts";
import { installVerityCertificate, VERITY_CERTIFICATES } from "../../signing/verity.ts";
import { writeExtensionRelease } from "../../tools/extension-release.ts";
import { runFirstboot } from "../../tools/firstboot.ts";
import {
  configureAutologin,
  IDENTITY_READS,
  makeMountPoints,
  removeMachineState,
  writeInitrdFiles,
  writeOsReleaseFields,
} from "../../tools/identity.ts";
import { runLocaleGen } from "../../tools/locale-gen.ts";
import { placesBelow } from "../../tools/looked-at.ts";
import { SSH_READS, writeSshUnits } from "../../tools/ssh-units.ts";
import { runHwdb, runPresets, runSysusers, runTmpfiles } from "../../tools/systemd-image.ts";
import { systemdReads } from "../../tools/systemd-reads.ts";
import type { StepContext } from "../image-build.ts";
import type { Step } from "../pipeline.ts";

export const identity: Step = {
  title: "Writing the image's identity",
  async run(context) {
    const { config } = context.image;
    await removeMachineState(context.root);
    await configureAutologin(context);
    await writeExtensionRelease(context);
    if (isPartial(config)) return;
    await writeOsReleaseFields(context);
    await writeInitrdFiles(context);
    await writeSshUnits(context);
    if (config.format === "portable") await makeMountPoints(context.root);
    else await installVerityCertificate(context);
  },
  looksAt: async ({ root, image: { config } }) =>
    isPartial(config) || config.format === "portable"
      ? undefined
      : placesBelow(root, [...IDENTITY_READS, VERITY_CERTIFICATES, ...SSH_READS]),
};

export const systemdState: Step = {
  title: "Applying presets and settings",
  // These are the base's: an extension has no part in them.
  applies: ({ image }) => !isPartial(image.config),
  async run(context) {
    // tmpfiles.d may give files to the users that sysusers.d makes.
    await runSysusers(context);
    await runTmpfiles(context);
    // The rest touches different files each: units and /etc, the modules, the hardware database.
    await together([applySettings(context), indexModules(context), runHwdb(context)]);
  },
  looksAt: systemdReads,
};

async function applySettings(context: StepContext): Promise<void> {
  await runPresets(context);
  await runLocaleGen(context);
  await runFirstboot(context);
}
