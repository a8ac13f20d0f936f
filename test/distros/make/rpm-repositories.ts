// Lays rpm packages out as repositories, with createrepo_c, groups for dnf and a signature of the metadata.

import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { EPOCH, fingerprint } from "../keys.ts";
import { runTool, type Tools } from "../run-tool.ts";
import { RPM_REPOSITORIES, type RpmRepository } from "./layouts.ts";
import { type Rpms, rpmName } from "./rpm.ts";
import { put, putLink } from "./stage.ts";

/** A group that asks for two packages; the second one is optional. */
const GROUPS = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">
<comps>
  <group>
    <id>greeting</id>
    <name>Greeting</name>
    <description>Says hello</description>
    <default>false</default>
    <uservisible>true</uservisible>
    <packagelist>
      <packagereq type="mandatory">hello</packagereq>
      <packagereq type="optional">hello-weak</packagereq>
    </packagelist>
  </group>
</comps>
`;

export async function layRpmRepositories(tools: Tools, rpms: Rpms, place: string, mirror: string): Promise<void> {
  put(join(place, "comps.xml"), GROUPS);
  for (const repository of RPM_REPOSITORIES) {
    await lay(tools, rpms, place, join(mirror, repository.path), repository, tools.key);
  }
  for (const [variant, hello] of Object.entries({ unsigned: rpms.unsigned, "wrong-key": rpms.strangers })) {
    // What signs metadata, which is what zypper goes by, is the same as what signs the package.
    const key = variant === "unsigned" ? undefined : tools.strangersKey;
    for (const repository of RPM_REPOSITORIES) {
      const path = join(mirror, variant, repository.path);
      const { contents } = repository;
      // A newer package, which is fine, would be taken instead.
      if (contents.includes("updates")) await lay(tools, rpms, place, path, { ...repository, contents: [] }, key);
      else if (contents.includes("applications")) await lay(tools, rpms, place, path, repository, key, hello);
      else putLink(path, relative(dirname(path), join(mirror, repository.path)));
    }
  }
}

async function lay(
  tools: Tools,
  rpms: Rpms,
  place: string,
  path: string,
  { contents, release, isSigned, packages }: RpmRepository,
  key: string | undefined,
  otherHello?: string,
): Promise<void> {
  mkdirSync(join(path, packages), { recursive: true });
  for (const [made, rpm] of rpms.paths) {
    if (made.part === "release" ? made.name !== release : !contents.includes(made.part)) continue;
    const other = otherHello !== undefined && basename(otherHello) === rpmName(made);
    linkSync(other ? otherHello : rpm, join(path, packages, rpmName(made)));
  }
  await runTool(
    tools,
    [
      ...["createrepo_c", "--quiet", "--no-database", "--general-compress-type=gz", "--revision", String(EPOCH)],
      ...["--set-timestamp-to-revision", "--workers=2"],
      // It knows packages by their headers, which are the same in the variants.
      ...(otherHello === undefined ? ["--cachedir", join(place, "checksums")] : []),
      ...(contents.includes("applications") ? ["--groupfile", join(place, "comps.xml")] : []),
      path,
    ],
    { see: [place] },
  );
  if (!isSigned || key === undefined) return;
  const metadata = join(path, "repodata/repomd.xml");
  await signFiles(tools, key, place, [metadata], true);
  copyFileSync(join(key, "public.asc"), `${metadata}.key`);
}

/** Writes FILE.asc or FILE.sig, as if at EPOCH, beside each of the files, which are below `place`. */
export async function signFiles(
  tools: Tools,
  key: string,
  place: string,
  paths: readonly string[],
  isText: boolean,
): Promise<void> {
  const script = `for file; do gpg --batch --yes --faked-system-time ${EPOCH}! -u ${fingerprint(key)} ${isText ? "--armor" : ""} \\
    --detach-sign --output "$file.${isText ? "asc" : "sig"}" "$file" 2>/dev/null; done`;
  await runTool(tools, ["sh", "-ec", script, "sh", ...paths], {
    see: [place, key],
    env: { GNUPGHOME: join(key, "gnupg") },
  });
  for (const path of paths) {
    const signature = `${path}.${isText ? "asc" : "sig"}`;
    if (!existsSync(signature) || readFileSync(signature).length === 0) throw new Error(`no ${signature}`);
  }
}
