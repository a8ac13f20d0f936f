// A key behind an OpenSSL engine: Debian's engine for PKCS #11 and a SoftHSM token sign the root hash of a system extension.
// Only with --all, as it takes programs on top of the tools tree; engines are on their way out of OpenSSL.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makePair } from "../signing/pairs.ts";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { type MoreTools, moreTools } from "../support/more-tools.ts";
import { makeProject } from "../support/project.ts";
import { runs } from "../support/runs.ts";
import { keptToolsTree, runInToolsTree } from "../support/tools-tree.ts";

const LIBRARIES = "/usr/lib/x86_64-linux-gnu";

describe.skipIf(process.getuid?.() !== 0 || process.arch !== "x64" || runs(1) === 1)("a key behind an engine", () => {
  let hsm = "";
  let more: MoreTools;

  beforeAll(async () => {
    more = await moreTools(["softhsm2", "libengine-pkcs11-openssl"]);
    hsm = mkdtempSync("/run/mkosi-test-");
    mkdirSync(join(hsm, "tokens"));
    writeFileSync(join(hsm, "softhsm2.conf"), `directories.tokendir = ${hsm}/tokens\n`);
    writeFileSync(join(hsm, "pin"), "1234");
    makePair(hsm, "own");
    execFileSync("cp", ["-r", join(more.directory, "usr"), join(hsm, "more")]);
    runInToolsTree(
      `export SOFTHSM2_CONF=$PWD/softhsm2.conf PATH=$PWD/more/bin:$PATH LD_LIBRARY_PATH=$PWD/more/lib/x86_64-linux-gnu
       module=$PWD/more/lib/softhsm/libsofthsm2.so
       softhsm2-util --module $module --init-token --free --label signing --pin 1234 --so-pin 1234
       openssl pkcs8 -topk8 -nocrypt -in own.key -out key
       softhsm2-util --module $module --import key --token signing --label boot --id 01 --pin 1234
       rm -r key own.key more`,
      hsm,
    );
  });
  afterAll(() => {
    rmSync(hsm, { recursive: true, force: true });
    more?.remove();
  });

  const project = () => {
    const cwd = makeProject({
      "mkosi.conf": `[Distribution]
Distribution=custom
[Output]
Format=sysext
SplitArtifacts=partitions
[Build]
Environment=SOFTHSM2_CONF=${hsm}/softhsm2.conf
            PKCS11_MODULE_PATH=/usr/lib/softhsm/libsofthsm2.so
            OPENSSL_ENGINES=${LIBRARIES}/engines-3
[Validation]
Verity=signed
VerityKeySource=engine:pkcs11
VerityCertificate=own.crt
`,
      "mkosi.extra/usr/share/text": "text\n",
    });
    execFileSync("cp", [join(hsm, "own.crt"), cwd]);
    return cwd;
  };
  const options = (pin: string) => [
    ...["-f", `--tools-tree=${keptToolsTree()}`, `--sandbox-tree=${more.directory}`],
    `--verity-key=pkcs11:token=signing;object=boot;type=private?pin-source=file:${join(hsm, pin)}`,
  ];

  test("signs the root hash", async () => {
    const cwd = project();
    await mkosiOk(options("pin"), { cwd });
    const name = readdirSync(cwd).find((each) => each.endsWith("verity-sig.raw"));
    const text = readFileSync(join(cwd, name ?? ""), "latin1").replace(/\0+$/, "");
    const { rootHash, signature } = JSON.parse(text) as { rootHash: string; signature: string };
    writeFileSync(join(cwd, "signature"), Buffer.from(signature, "base64"));
    writeFileSync(join(cwd, "hash"), rootHash);
    const who = "-certfile own.crt -CAfile own.crt -nointern -purpose any -noverify";
    runInToolsTree(`openssl smime -verify -inform DER -in signature -content hash ${who} -out /dev/null`, cwd);
  });

  test("is told of at the start when the token does not let us in", async () => {
    writeFileSync(join(hsm, "wrong-pin"), "4321");
    const { status, stderr } = await mkosi(options("wrong-pin"), { cwd: project() });
    expect(stderr).toMatch(/cannot be had from engine:pkcs11/);
    expect(status).toBe(1);
  });
});
