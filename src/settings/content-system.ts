// The [Content] section: how the installed system is set up.

import { setting } from "./setting.ts";
import { boolean, feature } from "./types/boolean.ts";
import { oneOfOrBoolean } from "./types/choice.ts";
import { rootPassword, stringAs } from "./types/text.ts";
import { uuid } from "./types/uuid.ts";

export const contentSystem = {
  locale: setting({
    name: "Locale",
    section: "Content",
    option: "locale",
    type: stringAs("LOCALE"),
    scope: "local",
    help: "The image's locale.",
  }),
  localeMessages: setting({
    name: "LocaleMessages",
    section: "Content",
    option: "locale-messages",
    type: stringAs("LOCALE"),
    scope: "local",
    help: "The image's locale for messages.",
  }),
  keymap: setting({
    name: "Keymap",
    section: "Content",
    option: "keymap",
    type: stringAs("KEYMAP"),
    scope: "initrd-inherit",
    help: "The image's keyboard layout.",
  }),
  timezone: setting({
    name: "Timezone",
    section: "Content",
    option: "timezone",
    type: stringAs("TIMEZONE"),
    scope: "initrd-inherit",
    help: "The image's time zone.",
  }),
  hostname: setting({
    name: "Hostname",
    section: "Content",
    option: "hostname",
    type: stringAs("HOSTNAME"),
    scope: "initrd-inherit",
    help: "The image's host name.",
  }),
  rootPassword: setting({
    name: "RootPassword",
    section: "Content",
    option: "root-password",
    type: rootPassword,
    scope: "initrd-inherit",
    pickup: ["mkosi.rootpw"],
    pickupText: true,
    pickupSecret: true,
    help: "The password of root; after hashed: its hash.",
  }),
  rootShell: setting({
    name: "RootShell",
    section: "Content",
    option: "root-shell",
    type: stringAs("SHELL"),
    scope: "local",
    help: "The login shell of root.",
  }),
  machineId: setting({
    name: "MachineId",
    section: "Content",
    option: "machine-id",
    type: uuid,
    scope: "local",
    pickup: ["mkosi.machine-id"],
    pickupText: true,
    help: "The image's machine id.",
  }),
  autologin: setting({
    name: "Autologin",
    section: "Content",
    option: "autologin",
    short: "a",
    shortMeans: "yes",
    type: boolean,
    scope: "local",
    help: "Whether root is logged in on consoles without being asked.",
  }),
  makeInitrd: setting({
    name: "MakeInitrd",
    section: "Content",
    option: "make-initrd",
    type: boolean,
    scope: "local",
    help: "Whether the image gets what makes it an initrd (/init, /etc/initrd-release).",
  }),
  ssh: setting({
    name: "Ssh",
    section: "Content",
    option: "ssh",
    type: oneOfOrBoolean(["always", "auto", "runtime", "never"], { yes: "always", no: "never" }),
    default: "auto",
    scope: "local",
    help: "Whether the image listens for SSH over VSock.",
  }),
  selinuxRelabel: setting({
    name: "SELinuxRelabel",
    section: "Content",
    option: "selinux-relabel",
    type: feature,
    scope: "local",
    help: "Whether files get SELinux labels.",
  }),
};
