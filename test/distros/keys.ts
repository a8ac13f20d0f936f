// Throw-away OpenPGP keys, and where package managers and mkosi look for the keys of each distribution.

import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { runTool, type Tools } from "./run-tool.ts";

/** When everything of the mirror was made, in seconds since 1970: 15 June 2025. */
export const EPOCH = 1_750_000_000;

/** Makes a key in `place`. */
export async function makeKey(tools: Pick<Tools, "tree">, place: string, name: string): Promise<void> {
  const gnupg = join(place, "gnupg");
  mkdirSync(gnupg, { recursive: true, mode: 0o700 });
  // gpg starts an agent, which must not outlive it.
  const script = `
    set -e
    cd "$GNUPGHOME"
    gpg --batch --quiet --faked-system-time ${EPOCH - 1000}! --passphrase '' --quick-gen-key "$1" rsa2048 sign never
    gpg --armor --export >../public.asc
    gpg --export >../public.gpg
    gpg --batch --with-colons --list-keys | awk -F: '$1 == "fpr" { print $10; exit }' >../fingerprint
    gpgconf --kill all
    rm -f S.* *~`;
  await runTool(tools, ["sh", "-c", script, "sh", name], { see: [place], env: { GNUPGHOME: gnupg } });
}

export function fingerprint(key: string): string {
  return readFileSync(join(key, "fingerprint"), "utf8").trim();
}

/** Writes `keysTree`: the test key under the name of each key that the tree has of distributions. */
export function layKeys({ tree, keysTree, key }: Pick<Tools, "tree" | "keysTree" | "key">): void {
  const packaged = "usr/share/distribution-gpg-keys";
  for (const name of readdirSync(join(tree, packaged), { recursive: true, encoding: "utf8" })) {
    if (statSync(join(tree, packaged, name)).isDirectory()) continue;
    for (const path of [join(keysTree, packaged, name), join(keysTree, "etc/pki/rpm-gpg", basename(name))]) {
      mkdirSync(dirname(path), { recursive: true });
      copyFileSync(join(key, "public.asc"), path);
    }
  }
  const keyrings = join(keysTree, "usr/share/pacman/keyrings");
  mkdirSync(keyrings, { recursive: true });
  copyFileSync(join(key, "public.gpg"), join(keyrings, "archlinux.gpg"));
  writeFileSync(join(keyrings, "archlinux-trusted"), `${fingerprint(key)}:4:\n`);
  writeFileSync(join(keyrings, "archlinux-revoked"), "");
}
