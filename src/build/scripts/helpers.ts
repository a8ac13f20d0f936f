// Programs in $PATH of scripts that work on the image from outside: each does one thing to the image that programs of the
// same name would do to the machine they run on.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ScriptTools } from "../../package-managers/manager.ts";
import type { Toolbox } from "../../sandbox/spec.ts";
import { hasTool } from "../../tools/tool.ts";
import { INSIDE } from "./environment.ts";

/** Where scripts find them. */
export const HELPERS = "/scripts";

/** Programs by name: the text of a shell script. */
export type Helpers = Readonly<Record<string, string>>;

/** Takes the helpers out of $PATH, for those that run the program that they are named for. */
const BARE_PATH = `PATH=$(printf %s "$PATH" | sed 's#${HELPERS}:##g')
export PATH
`;

/** The kernel's file systems, and empty places for temporary files, in the image's tree. */
const KERNEL_MOUNTS = `for directory in proc sys dev run tmp var/tmp; do mkdir -p /buildroot/$directory; done
for directory in proc sys dev; do mount --rbind /$directory /buildroot/$directory; done
mount -t tmpfs -o mode=0755 tmpfs /buildroot/run
mount -t tmpfs -o mode=1777 tmpfs /buildroot/tmp
mount --bind /var/tmp /buildroot/var/tmp
mkdir -p /buildroot/run/user/0 /buildroot/run/host
printf mkosi >/buildroot/run/host/container-manager
`;

const RESOLVER = `if [ -L /buildroot/etc/resolv.conf ]; then
    target=$(readlink /buildroot/etc/resolv.conf)
    case $target in /run/*) ;; ../run/*) target=/\${target#../} ;; *) target= ;; esac
    if [ -n "$target" ]; then
        mkdir -p "$(dirname "/buildroot$target")"
        cp /etc/resolv.conf "/buildroot$target"
    fi
elif [ -f /buildroot/etc/resolv.conf ] && [ -f /etc/resolv.conf ]; then
    mount --bind /etc/resolv.conf /buildroot/etc/resolv.conf
fi
`;

function inNamespace(commands: string, exec: string): string {
  const script = `${commands}exec ${exec} "$@"`.replaceAll("'", "'\\''");
  return `${BARE_PATH}exec unshare --mount --propagation private -- sh -ec '${script}' sh "$@"\n`;
}

function chroot(network: boolean): string {
  const variables = Object.entries(INSIDE).map(([name, value]) => `${name}=${value}`);
  return inNamespace(
    `mkdir -p /buildroot/work
mount --rbind /work /buildroot/work
${KERNEL_MOUNTS}${network ? RESOLVER : ""}`,
    `env --unset=TMPDIR ${variables.join(" ")} unshare --root=/buildroot --wd=/work/src --`,
  );
}

/** The package manager's programs, for the tree. */
export function packageHelpers({ onTree, verbs }: ScriptTools): Helpers {
  const programs = Object.entries(onTree).map(
    ([name, { preparation, command }]) => [name, inNamespace(`${KERNEL_MOUNTS}${preparation}`, command)] as const,
  );
  // Their programs are those above.
  const common = Object.entries(verbs).map(([name, command]) => [name, `exec ${command} "$@"\n`] as const);
  return Object.fromEntries([...programs, ...common]);
}

/** What all distributions have. */
export function generalHelpers(toolbox: Toolbox, network: boolean): Helpers {
  const users = ["useradd", "groupadd"].filter((name) => hasTool(toolbox, name));
  return {
    "mkosi-chroot": chroot(network),
    ...(hasTool(toolbox, "git") ? { git: `${BARE_PATH}exec git -c 'safe.directory=*' "$@"\n` } : {}),
    ...Object.fromEntries(users.map((name) => [name, `${BARE_PATH}exec ${name} --root /buildroot "$@"\n`])),
  };
}

/** Writes helpers to a directory, which is to be mounted at HELPERS. */
export async function writeHelpers(directory: string, helpers: Helpers): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [name, text] of Object.entries(helpers))
    await writeFile(join(directory, name), `#!/bin/sh\n${text}`, { mode: 0o755 });
}
