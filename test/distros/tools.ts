// The tools tree of these tests: Debian forky with dnf 4, dnf5, zypper, pacman, the programs that make their packages and
// repositories, and what a build needs besides. It has test keys under the names of the distributions' own keys.

import { appendFileSync, cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { mkosiOk } from "../support/mkosi.ts";
import { writeTree } from "../support/project.ts";
import { kept, keyOf } from "./cache.ts";
import { makeCertificates } from "./certificates.ts";
import { layKeys, makeKey } from "./keys.ts";
import type { Tools } from "./run-tool.ts";

const CONFIGURATION = `
[Config]
Profiles=misc,package-manager,runtime

[Distribution]
Distribution=debian
Release=forky

[Output]
Format=directory
OutputDirectory=output

[Include]
Include=mkosi-tools

[Content]
Packages=
        dnf
        gnupg
        rpm
`;

let tools: Promise<Tools> | undefined;

/** The tools, made when they are not in the cache (about a minute). */
export async function distroTools(): Promise<Tools> {
  tools ??= kept(
    "tools",
    keyOf([CONFIGURATION], ["tools.ts", "keys.ts", "certificates.ts", "hosts.ts"]),
    makeTools,
  ).then(toolsIn);
  return await tools;
}

function toolsIn(place: string): Tools {
  return {
    tree: join(place, "output/mkosi.tools"),
    keysTree: join(place, "keys-tree"),
    key: join(place, "key"),
    strangersKey: join(place, "strangers-key"),
    certificates: join(place, "certificates"),
  };
}

async function makeTools(place: string): Promise<void> {
  const made = toolsIn(place);
  writeTree(place, { "mkosi.conf": CONFIGURATION });
  // A host with apt is the fast way; elsewhere the tree is built with another tools tree.
  const base = existsSync("/usr/bin/apt-get") ? "" : "default";
  await mkosiOk([`--tools-tree=${base}`, "build"], { cwd: place });
  rmSync(join(place, "mkosi.conf"));
  await makeKey(made, made.key, "Test key of the mirror <mirror@example.invalid>");
  await makeKey(made, made.strangersKey, "A stranger's key <stranger@example.invalid>");
  await makeCertificates(made, made.certificates);
  layKeys(made);
  cpSync(made.keysTree, made.tree, { recursive: true });
  const authority = join(made.certificates, "authority.pem");
  appendFileSync(join(made.tree, "etc/ssl/certs/ca-certificates.crt"), readFileSync(authority));
}
