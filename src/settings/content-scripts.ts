// The [Content] section: the scripts of a build.

import { setting } from "./setting.ts";
import { list } from "./types/list.ts";
import { paths } from "./types/path.ts";

export const contentScripts = {
  syncScripts: setting({
    name: "SyncScripts",
    section: "Content",
    option: "sync-script",
    type: list(paths(), { globs: true }),
    scope: "local",
    pickup: ["mkosi.sync"],
    pickupEach: ["mkosi.sync.d/*"],
    tools: true,
    help: "Programs that fetch or update sources before the build.",
  }),
  prepareScripts: setting({
    name: "PrepareScripts",
    section: "Content",
    option: "prepare-script",
    type: list(paths(), { globs: true }),
    scope: "local",
    pickup: ["mkosi.prepare", "mkosi.prepare.chroot"],
    pickupEach: ["mkosi.prepare.d/*"],
    tools: true,
    oldNames: ["PrepareScript"],
    help: "Programs that run after packages are installed, once more with the build packages.",
  }),
  buildScripts: setting({
    name: "BuildScripts",
    section: "Content",
    option: "build-script",
    type: list(paths(), { globs: true }),
    scope: "local",
    pickup: ["mkosi.build", "mkosi.build.chroot"],
    pickupEach: ["mkosi.build.d/*"],
    oldNames: ["BuildScript"],
    help: "Programs that build the project; what they put into $DESTDIR goes into the image.",
  }),
  postInstallationScripts: setting({
    name: "PostInstallationScripts",
    section: "Content",
    option: "postinst-script",
    type: list(paths(), { globs: true }),
    scope: "local",
    pickup: ["mkosi.postinst", "mkosi.postinst.chroot"],
    pickupEach: ["mkosi.postinst.d/*"],
    oldNames: ["PostInstallationScript"],
    help: "Programs that run in the image after packages, extra trees and builds.",
  }),
  finalizeScripts: setting({
    name: "FinalizeScripts",
    section: "Content",
    option: "finalize-script",
    type: list(paths(), { globs: true }),
    scope: "local",
    pickup: ["mkosi.finalize", "mkosi.finalize.chroot"],
    pickupEach: ["mkosi.finalize.d/*"],
    oldNames: ["FinalizeScript"],
    help: "Programs that run on the host as the last thing before the image is packed.",
  }),
  postOutputScripts: setting({
    name: "PostOutputScripts",
    section: "Content",
    option: "postoutput-script",
    type: list(paths(), { globs: true }),
    scope: "local",
    pickup: ["mkosi.postoutput"],
    pickupEach: ["mkosi.postoutput.d/*"],
    help: "Programs that run when all outputs are written, before they are moved to their place.",
  }),
};
