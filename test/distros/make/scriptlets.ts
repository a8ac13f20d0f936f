// What packages do when they are installed and removed. Those of `hello` leave a record, for tests to read.

import type { Package } from "./package.ts";

/** KVER is the kernel's version. */
export const SCRIPTLETS: Readonly<Record<string, Package["scriptlets"]>> = {
  dbus: { post: "systemd-sysusers >/dev/null 2>&1 || :" },
  hello: {
    pre: 'mkdir -p /var/lib/hello\necho "pre $1 chroot=$SYSTEMD_IN_CHROOT" >>/var/lib/hello/log',
    post: 'echo "post $1" >>/var/lib/hello/log',
    preun: 'echo "preun $1" >>/var/lib/hello/log',
    postun: '[ "$1" != 0 ] || rm -rf /var/lib/hello',
  },
  "kernel-core": {
    posttrans: "depmod KVER\n/usr/bin/kernel-install add KVER /usr/lib/modules/KVER/vmlinuz || :",
  },
  systemd: {
    post: [
      "systemd-machine-id-setup",
      "systemd-sysusers",
      "journalctl --update-catalog",
      "systemd-tmpfiles --create",
      "systemctl preset-all",
    ]
      .map((command) => `${command} >/dev/null 2>&1 || :`)
      .join("\n"),
  },
};
