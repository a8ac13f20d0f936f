// Unpacks the .debs, and does what Debian does in maintainer scripts.

import {
  chmodSync,
  chownSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { CACHE } from "../cache.ts";
import { EPOCH } from "../keys.ts";
import { runTool, type Tools } from "../run-tool.ts";
import type { Package } from "./package.ts";

export function put(path: string, text: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
  utimesSync(path, EPOCH, EPOCH);
}

export function putLink(path: string, target: string): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  symlinkSync(target, path);
  lutimesSync(path, EPOCH, EPOCH);
}

/** Fills the packages' directories below `stage`. Needs root, since files keep their owners. */
export async function unpack(tools: Tools, packages: readonly Package[], stage: string): Promise<void> {
  const script = `
    while read -r deb root; do
      mkdir -p "$root"
      dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root" --numeric-owner -p --exclude=./usr/share/lintian \\
        --exclude=./usr/share/bug --exclude=./usr/share/doc-base --exclude=./usr/share/initramfs-tools
    done`;
  const input = packages.flatMap(({ debs, root }) => debs.map((deb) => `${deb} ${root}\n`)).join("");
  await runTool(tools, ["bash", "-ec", `set -o pipefail\n${script}`], {
    see: [stage],
    read: [join(CACHE, "debs")],
    input,
  });
}

/** Puts the files of a kernel whose modules are compressed by xz into `target`, with modules compressed by zstd. */
export async function copyKernel(tools: Tools, source: string, target: string): Promise<void> {
  const script = `
    cp -a "$1" "$2"
    find "$2" -name '*.ko.xz' -print0 | xargs -0 xz --decompress
    find "$2" -name '*.ko' -print0 | xargs -0 zstd --quiet --rm -3`;
  await runTool(tools, ["bash", "-ec", script, "bash", source, target], { see: [dirname(target)] });
}

/** Does the maintainer scripts' work. Returns the kernel's version. */
export function fixUp(stage: string): string {
  fixFilesystem(join(stage, "filesystem"), join(stage, "setup"));
  const pam = {
    account: "account required pam_unix.so",
    auth: "auth required pam_unix.so nullok",
    password: "password required pam_unix.so nullok yescrypt",
    session: "session required pam_unix.so\nsession optional pam_systemd.so",
    "session-noninteractive": "session required pam_unix.so",
  };
  for (const [kind, text] of Object.entries(pam)) put(join(stage, "pam/etc/pam.d", `common-${kind}`), `${text}\n`);
  putLink(join(stage, "bash/usr/bin/sh"), "bash");
  putLink(join(stage, "mawk/usr/bin/awk"), "mawk");
  return fixKernel(join(stage, "kernel-core"), join(stage, "kmod"));
}

function fixFilesystem(root: string, setup: string): void {
  const gone = [
    "etc/debian_version",
    "etc/dpkg",
    "etc/issue",
    "etc/issue.net",
    "etc/os-release",
    "usr/lib/os-release",
    "usr/sbin/update-passwd",
    "usr/share/dict",
    "var/lib/dpkg",
  ];
  for (const path of gone) rmSync(join(root, path), { recursive: true, force: true });
  const master = (name: string) => readFileSync(join(root, "usr/share/base-passwd", name), "utf8");
  const users = master("passwd.master").replace(/^([^:]+):\*/gm, "$1:x");
  const groups = master("group.master").replace(/^([^:]+):\*/gm, "$1:x");
  rmSync(join(root, "usr/share/base-passwd"), { recursive: true });
  put(join(setup, "etc/passwd"), users);
  put(join(setup, "etc/group"), groups);
  const shadow = users.replace(
    /^([^:]+):.*$/gm,
    (_, user: string) => `${user}:${user === "root" ? "" : "*"}:20000:0:99999:7:::`,
  );
  for (const [name, text] of [
    ["shadow", shadow],
    ["gshadow", groups.replace(/^([^:]+):.*$/gm, "$1:*::")],
  ] as const) {
    put(join(root, "etc", name), text, 0o640);
    chownSync(join(root, "etc", name), 0, 42);
  }
  put(join(root, "etc/fstab"), "# none\n");
  put(join(root, "etc/shells"), "/bin/sh\n/bin/bash\n");
  put(
    join(root, "etc/nsswitch.conf"),
    "passwd: files systemd\ngroup: files systemd\nshadow: files\nhosts: files dns myhostname\n",
  );
  put(join(root, "etc/profile"), "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin\nexport PATH\n");
  const directories =
    "dev etc/systemd home media mnt opt proc root run srv sys tmp usr/bin usr/lib usr/lib64 usr/local usr/sbin var/cache var/lib var/log var/tmp";
  for (const path of directories.split(" ")) mkdirSync(join(root, path), { recursive: true });
  for (const [path, mode] of [
    ["tmp", 0o1777],
    ["var/tmp", 0o1777],
    ["root", 0o700],
  ] as const)
    chmodSync(join(root, path), mode);
  putLink(join(root, "etc/mtab"), "../proc/self/mounts");
}

/** Kernels lie beside their modules elsewhere, and a hook of pacman's makes the modules' index. */
function fixKernel(root: string, kmod: string): string {
  const [version = ""] = readdirSync(join(root, "usr/lib/modules"));
  for (const name of ["vmlinuz", "config", "System.map"]) {
    renameSync(join(root, "boot", `${name}-${version}`), join(root, "usr/lib/modules", version, name));
  }
  rmSync(join(root, "boot"), { recursive: true });
  const command = 'while read -r f; do f=${f#usr/lib/modules/}; depmod "${f%%/*}"; done';
  put(
    join(kmod, "usr/share/libalpm/hooks/60-depmod.hook"),
    `[Trigger]\nType = Path\nOperation = Install\nOperation = Upgrade\nTarget = usr/lib/modules/*/vmlinuz\n\n` +
      `[Action]\nDescription = Updating module dependencies\nWhen = PostTransaction\nNeedsTargets\nExec = /bin/sh -c '${command}'\n`,
  );
  return version;
}
