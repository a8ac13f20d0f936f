#!/bin/sh
# Builds examples/hello and boots it until the unit inside has said hello and powered the machine off.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
project="$root/examples/hello"
# Emulation takes one to five minutes; twenty are for slow machines.
limit=1200

say() { printf '\n./x demo: %s\n' "$*"; }
mkosi() { node "$root/bin/mkosi" --directory "$project" "$@"; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say "building $project, a Debian trixie disk image"
[ -e "${XDG_CACHE_HOME:-$HOME/.cache}/mkosi/tools" ] || [ -e /var/cache/mkosi/tools ] ||
    say "the first build also makes a tree with the tools it needs, which takes some minutes and is kept"
mkosi --force build

say "booting it in QEMU; the unit hello.service is to say hello and power off"
{
    status=0
    timeout --foreground "$limit" node "$root/bin/mkosi" --directory "$project" --console=read-only vm </dev/null || status=$?
    echo "$status" >"$work/status"
} 2>&1 | tee "$work/console"

status=$(cat "$work/status")
hello=$(tr -d '\r' <"$work/console" | sed -n 's/.*\(hello from .*\)/\1/p' | head -n 1)
if [ -z "$hello" ]; then
    say "the unit has not said hello (status $status)"
    exit 1
fi
if [ "$status" != 0 ]; then
    say "the machine said “$hello”, but ended with status $status"
    exit 1
fi
say "the machine said “$hello” and has powered off: all is well"
