#!/bin/sh
# Unpacks the original mkosi 27.1 (Debian forky's package) into the user's cache: tests and the bench compare with it.
# apt checks its signature against Debian's keyring; nothing of the host's apt configuration or state is touched.
set -eu

target=${MKOSI_PEER:-${XDG_CACHE_HOME:-$HOME/.cache}/mkosi-test/peer}
mirror=${MKOSI_TEST_MIRROR:-http://deb.debian.org/debian}

# A package's installation compiles it; without that every start would, and the comparison of times would be unfair.
compile() {
    modules="$target/usr/lib/python3/dist-packages/mkosi"
    [ -e "$modules/__pycache__" ] || ! command -v python3 >/dev/null || python3 -m compileall -q "$modules"
}

if [ -e "$target/usr/bin/mkosi" ]; then
    compile
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/etc/preferences.d" "$work/state/lists/partial" "$work/cache/archives/partial" "$work/unpacked"
cat >"$work/etc/sources.list" <<EOF
deb [arch=amd64,all signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror forky main
EOF
touch "$work/state/status"

isolated_apt() {
    apt-get --quiet --quiet \
        -o Dir::Etc="$work/etc" -o Dir::State="$work/state" -o Dir::State::status="$work/state/status" \
        -o Dir::Cache="$work/cache" -o APT::Architecture=amd64 -o Acquire::Languages=none \
        -o Acquire::Check-Valid-Until=false -o Acquire::http::Timeout=30 -o Acquire::Retries=2 \
        -o APT::Sandbox::User="$(id -un)" "$@" </dev/null
}

isolated_apt update
cd "$work"
isolated_apt download 'mkosi=27.1*'
dpkg-deb --extract mkosi_*.deb "$work/unpacked"
mkdir -p "$(dirname "$target")"
rm -rf "$target"
mv "$work/unpacked" "$target"
compile
