// The [Runtime] section, first part: what containers and machines have in common.

import { defaultMachine } from "./defaults.ts";
import { setting } from "./setting.ts";
import { boolean } from "./types/boolean.ts";
import { oneOf } from "./types/choice.ts";
import { credentials } from "./types/guest.ts";
import { list } from "./types/list.ts";
import { bytes } from "./types/number.ts";
import { path } from "./types/path.ts";
import { stringAs, words } from "./types/text.ts";
import { trees } from "./types/tree.ts";

export const runtime = {
  nspawnSettings: setting({
    name: "NSpawnSettings",
    section: "Runtime",
    option: "settings",
    type: path(),
    scope: "main",
    pickup: ["mkosi.nspawn"],
    help: "A .nspawn file for the image.",
  }),
  ephemeral: setting({
    name: "Ephemeral",
    section: "Runtime",
    option: "ephemeral",
    type: boolean,
    scope: "main",
    help: "Whether changes of a running container or machine are thrown away.",
  }),
  credentials: setting({
    name: "Credentials",
    section: "Runtime",
    option: "credential",
    type: credentials,
    scope: "main",
    pickup: ["mkosi.credentials"],
    help: "Credentials for a container or machine: NAME=VALUE, a file or a directory.",
  }),
  kernelCommandLineExtra: setting({
    name: "KernelCommandLineExtra",
    section: "Runtime",
    option: "kernel-command-line-extra",
    type: list(words("options", "OPTIONS"), { split: "blanks" }),
    scope: "main",
    help: "Kernel command line that is added when a machine is started.",
  }),
  runtimeTrees: setting({
    name: "RuntimeTrees",
    section: "Runtime",
    option: "runtime-tree",
    type: list(trees({ absolute: false })),
    scope: "main",
    help: "Directories of the host that a container or machine sees.",
  }),
  runtimeSize: setting({
    name: "RuntimeSize",
    section: "Runtime",
    option: "runtime-size",
    type: bytes,
    scope: "main",
    help: "The size the disk is grown to before it is started.",
  }),
  runtimeNetwork: setting({
    name: "RuntimeNetwork",
    section: "Runtime",
    option: "runtime-network",
    type: oneOf("interface", "user", "none"),
    default: "user",
    scope: "main",
    help: "How a container or machine is connected.",
  }),
  runtimeBuildSources: setting({
    name: "RuntimeBuildSources",
    section: "Runtime",
    option: "runtime-build-sources",
    type: boolean,
    scope: "main",
    help: "Whether a container or machine sees the build sources.",
  }),
  bindUser: setting({
    name: "BindUser",
    section: "Runtime",
    option: "bind-user",
    type: boolean,
    scope: "main",
    help: "Whether the invoking user exists in a container or machine.",
  }),
  sshKey: setting({
    name: "SshKey",
    section: "Runtime",
    option: "ssh-key",
    type: path({ secret: true }),
    scope: "main",
    pickup: ["mkosi.key"],
    help: "The private key that the ssh verb uses.",
  }),
  sshCertificate: setting({
    name: "SshCertificate",
    section: "Runtime",
    option: "ssh-certificate",
    type: path(),
    scope: "main",
    pickup: ["mkosi.crt"],
    help: "The certificate that a machine accepts for ssh.",
  }),
  machine: setting({
    name: "Machine",
    section: "Runtime",
    option: "machine",
    type: stringAs("NAME"),
    default: defaultMachine,
    emptyUnsets: true,
    scope: "main",
    help: "The name of a container or machine.",
  }),
  forwardJournal: setting({
    name: "ForwardJournal",
    section: "Runtime",
    option: "forward-journal",
    type: path({ required: false }),
    scope: "main",
    help: "Where a container's or machine's journal is written.",
  }),
  sysupdateDirectory: setting({
    name: "SysupdateDirectory",
    section: "Runtime",
    option: "sysupdate-directory",
    type: path({}, "DIR"),
    scope: "main",
    pickup: ["mkosi.sysupdate"],
    oldOptions: ["sysupdate-dir"],
    help: "The directory with transfer definitions for the sysupdate verb.",
  }),
};
