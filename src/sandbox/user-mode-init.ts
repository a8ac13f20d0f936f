// What runs first on a kernel of our own: it makes the places that a Linux system has, starts the program, passes signals
// on, and writes down its exit status.

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setVariables } from "./with-terminal.ts";

/**
 * A Perl program that starts the kernel with a network: a pair of sockets, of which slirp has the other end. Node has
 * no such pairs. Its arguments: slirp's helper, and the kernel with its arguments.
 */
export const LAUNCHER = `use Socket; my ($slirp, @kernel) = @ARGV;
socketpair(my $ours, my $theirs, AF_UNIX, SOCK_DGRAM, 0) or die "socketpair: $!\\n";
$^F = 255;
open(my $a, "+<&=", fileno($ours)); open(my $b, "+<&=", fileno($theirs));
use Fcntl; fcntl($_, F_SETFD, 0) for ($ours, $theirs);
my $child = fork() // die "fork: $!\\n";
if ($child == 0) { close($ours); exec($slirp, "--exit-with-parent", "--fd=" . fileno($theirs)) or die "$slirp: $!\\n"; }
close($theirs);
exec(@kernel, "vec0:transport=fd,fd=" . fileno($ours) . ",vec=0") or die "$kernel[0]: $!\\n";
`;

export interface Init {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Where the file system for trees is mounted. */
  readonly cache: string;
  readonly modules: string;
  /** Of the terminal that the output goes to, if it does. */
  readonly columns: number | undefined;
}

/** Writes it into a directory of this run's. @returns its path */
export function writeInit(directory: string, init: Init): string {
  const path = join(directory, "init");
  writeFileSync(path, initScript(directory, init), { mode: 0o700 });
  chmodSync(path, 0o700);
  return path;
}

function initScript(directory: string, { argv, env, cwd, cache, modules, columns }: Init): string {
  const variables = Object.entries(setVariables(env)).map(([name, value]) => quote(`${name}=${value}`));
  const program = `env -i ${variables.join(" ")} ${argv.map(quote).join(" ")}`;
  return `#!/bin/sh
PATH=\${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# By the older system call hostfs takes its path in all versions.
LIBMOUNT_FORCE_MOUNT2=always
export PATH LIBMOUNT_FORCE_MOUNT2
halt() { sync; echo o > /proc/sysrq-trigger; while :; do sleep 10; done; }
prepare() {
  set -e
  # In a container, this machine's root is nobody: its set-uid programs, mount(8) among them, would make nobody of us.
  setpriv --no-new-privs mount -n -t proc proc /proc
  setpriv --no-new-privs mount -n -o remount,bind,nosuid /
  mount -n -t sysfs sysfs /sys
  mount -n -t devtmpfs devtmpfs /dev
  mkdir -p /dev/pts /dev/shm
  mount -n -t devpts -o ptmxmode=0666 devpts /dev/pts
  mount -n -t hostfs -o /dev/shm hostfs /dev/shm
  ln -sf /proc/self/fd /dev/fd
  mount -n -t tmpfs -o mode=0755 tmpfs /run
  insmod ${quote(join(modules, "kernel/fs/overlayfs/overlay.ko"))}
  mount -n -t ext4 -o noatime,user_xattr /dev/ubda ${quote(cache)}
  mkdir -p ${quote(join(cache, "logs"))}
  mount -n -t hostfs -o ${quote(join(cache, "logs"))} hostfs ${quote(join(cache, "logs"))}
  for tty in 1 2 3; do stty raw -echo < /dev/tty$tty; done
  ip link set lo up
  ip link set vec0 up
  ip address add 10.0.2.15/24 dev vec0
  ip route add default via 10.0.2.2
  echo nameserver 10.0.2.3 > /run/resolv.conf
  resolver=$(readlink -f /etc/resolv.conf)
  if [ -n "$resolver" ]; then
    [ -e "$resolver" ] || { mkdir -p "$(dirname "$resolver")" && : > "$resolver"; } || return 0
    mount -n --bind /run/resolv.conf "$resolver"
  fi
}
(prepare)
[ $? = 0 ] || halt
cd ${quote(cwd)} || halt
${columns === undefined ? piped(program) : `stty columns ${columns} < /dev/tty1\n${program} </dev/null >/dev/tty1 2>/dev/tty2 &\nprogram=$!`}
while read -r signal; do kill -"$signal" $program; done < /dev/tty3 &
wait $program
status=$?
wait $out $err 2>/dev/null
# stty waits until all has been written.
stty -echo < /dev/tty1
stty -echo < /dev/tty2
echo $status > ${quote(join(directory, "status"))}
cd /
umount ${quote(join(cache, "logs"))}
umount ${quote(cache)} || mount -n -o remount,ro ${quote(cache)}
halt
`;
}

/** The program is to see that nobody has a terminal there. */
function piped(program: string): string {
  return `mkfifo /run/out /run/err
cat </run/out >/dev/tty1 & out=$!
cat </run/err >/dev/tty2 & err=$!
${program} </dev/null >/run/out 2>/run/err &
program=$!`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
