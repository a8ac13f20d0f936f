// Packages of this machine as a repository. Its index is signed with a key of this build alone, as apk trusts none that
// is not signed; how an index carries its signature is told by abuild-sign(1) and Alpine's page “Apk spec”.

import { mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { bind, bindReadOnly, type Mount } from "../../sandbox/spec.ts";
import type { PackageContext } from "../manager.ts";
import { KEYS } from "./layout.ts";

export interface LocalRepository {
  /** As the file of repositories has it. */
  readonly url: string;
  readonly mounts: readonly Mount[];
}

const PLACE = "/run/mkosi-repository";
const KEY = "mkosi@local.rsa";

/** The signature is a tar of its own in front of the index, without the two blocks that end a tar. */
const SIGN = `set -e
cd "$1"
apk index --output index.tar.gz --rewrite-arch "$2" --allow-untrusted "$1"/"$2"/*.apk
openssl genrsa -out key 2048
openssl rsa -in key -pubout -out ${KEY}.pub
openssl dgst -sha1 -sign key -out .SIGN.RSA.${KEY}.pub index.tar.gz
tar --create --format=ustar --owner=0 --group=0 --numeric-owner --mtime=@0 .SIGN.RSA.${KEY}.pub | head --bytes=1024 | gzip --no-name >signature.gz
cat signature.gz index.tar.gz >"$2"/APKINDEX.tar.gz
rm key index.tar.gz signature.gz`;

/** Makes the index; undefined where there are no such packages. */
export async function makeLocalRepository(context: PackageContext): Promise<LocalRepository | undefined> {
  const { localPackages, architecture } = context;
  if (localPackages.length === 0) return undefined;
  const directory = join(context.scratch, "apk", "repository");
  await rm(directory, { recursive: true, force: true });
  await mkdir(join(directory, architecture), { recursive: true });
  const packages = localPackages.map((path) => bindReadOnly(path, `${PLACE}/${architecture}/${basename(path)}`));
  await context.runner.run({
    argv: ["sh", "-c", SIGN, "sh", PLACE, architecture],
    base: { kind: "tools", toolbox: context.toolbox },
    mounts: [bind(directory, PLACE), ...packages],
    env: { OPENSSL_ENABLE_SHA1_SIGNATURES: "1" },
  });
  return {
    url: PLACE,
    mounts: [bind(directory, PLACE), ...packages, bindReadOnly(join(directory, `${KEY}.pub`), `${KEYS}/${KEY}.pub`)],
  };
}
