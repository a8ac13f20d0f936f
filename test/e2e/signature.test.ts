// Sign=: SHA256SUMS signed by GnuPG with a keyring of the test's own and by a Stateless OpenPGP program, Debian's gosop,
// and verified by the same programs of this machine.

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject, type Tree } from "../support/project.ts";
import { keptToolsTree } from "../support/tools-tree.ts";

const PROJECT: Tree = {
  "mkosi.conf": `[Distribution]
Distribution=custom
[Output]
Format=tar
ImageId=img
[Validation]
Sign=yes
`,
  "mkosi.extra": { etc: { hostname: "tiny\n" } },
};

let scratch = "";
/** gpg's directory: short, as it has sockets. */
let keyring = "";

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "mkosi-sign-"));
  keyring = mkdtempSync("/tmp/gpg-");
  generateKey("first@example.org", "");
});

afterAll(() => {
  execFileSync("gpgconf", ["--kill", "all"], { env: gpgEnvironment() });
  for (const path of [scratch, keyring]) rmSync(path, { recursive: true, force: true });
});

function gpgEnvironment(home = keyring) {
  return { ...process.env, GNUPGHOME: home };
}

function generateKey(name: string, passphrase: string, home = keyring): void {
  const argv = ["--batch", "--pinentry-mode=loopback", "--passphrase", passphrase, "--quick-generate-key", name];
  execFileSync("gpg", argv, { env: gpgEnvironment(home), stdio: "ignore" });
}

/** The mail address of who has signed. */
function signerOf(directory: string): string | undefined {
  const argv = ["--status-fd=1", "--verify", "img.SHA256SUMS.gpg", "img.SHA256SUMS"];
  const text = execFileSync("gpg", argv, { cwd: directory, env: gpgEnvironment(), encoding: "utf8", stdio: "pipe" });
  return /GOODSIG \S+ (.*)/.exec(text)?.[1];
}

const options = (cwd: string, home = keyring) => ({ cwd, env: { GNUPGHOME: home } });
const build = (...more: string[]) => ["-f", `--tools-tree=${keptToolsTree()}`, ...more];

test("GnuPG signs the checksums with the key that is asked for, and its agent leaves nothing", async () => {
  const cwd = makeProject(PROJECT);
  execFileSync("gpgconf", ["--kill", "all"], { env: gpgEnvironment() });
  const before = readdirSync(keyring).toSorted();
  await mkosiOk(build(), options(cwd));
  expect(signerOf(cwd)).toBe("first@example.org");
  expect(execFileSync("sha256sum", ["--check", "img.SHA256SUMS"], { cwd, encoding: "utf8" })).toContain(
    "img.tar.zst: OK",
  );
  expect(readdirSync(keyring).filter((name) => !before.includes(name))).toEqual([]);
  generateKey("second@example.org", "");
  await mkosiOk(build("--key=second@example.org"), options(cwd));
  expect(signerOf(cwd)).toBe("second@example.org");
  await mkosiOk(build("--checksum=no"), options(cwd));
  expect(readdirSync(cwd).filter((name) => name.includes("SHA256SUMS"))).toEqual([]);
});

test("an agent that knows the passphrase signs, and goes on", async () => {
  const cwd = makeProject(PROJECT);
  const home = mkdtempSync("/tmp/gpg-");
  const env = gpgEnvironment(home);
  try {
    generateKey("locked@example.org", "a passphrase", home);
    execFileSync("gpgconf", ["--kill", "all"], { env });
    const { status, stderr } = await mkosi(build(), options(cwd, home));
    expect(status).toBe(1);
    expect(stderr).toContain("error: gpg cannot sign the checksums of image main");
    expect(stderr).toContain("mkosi.conf:7:6");
    expect(stderr).toContain(`use a key of ${home} that has no passphrase, or whose passphrase your gpg-agent knows`);
    expect(existsSync(join(cwd, "img.SHA256SUMS"))).toBe(false);
    // Whoever signs once by hand has told the agent.
    const argv = [
      "--batch",
      "--yes",
      "--pinentry-mode=loopback",
      "--passphrase=a passphrase",
      "--detach-sign",
      "mkosi.conf",
    ];
    execFileSync("gpg", argv, { cwd, env });
    await mkosiOk(build(), options(cwd, home));
    execFileSync("gpg", ["--verify", "img.SHA256SUMS.gpg", "img.SHA256SUMS"], { cwd, env, stdio: "pipe" });
    const agent = execFileSync("gpg-connect-agent", ["--no-autostart", "getinfo pid", "/bye"], {
      env,
      encoding: "utf8",
    });
    expect(agent).toMatch(/^D \d+$/m);
  } finally {
    execFileSync("gpgconf", ["--kill", "all"], { env });
    rmSync(home, { recursive: true });
  }
});

test("what was signed is signed anew with another key, and only then", async () => {
  const cwd = makeProject({ ...PROJECT, "mkosi.cache": {}, "mkosi.local.conf": "[Build]\nIncremental=yes\n" });
  const home = mkdtempSync("/tmp/gpg-");
  try {
    cpSync(keyring, home, { recursive: true, filter: (path) => !path.includes("S.") });
    await mkosiOk(build(), options(cwd, home));
    const first = readFileSync(join(cwd, "img.SHA256SUMS.gpg"));
    await mkosiOk(build(), options(cwd, home));
    expect(readFileSync(join(cwd, "img.SHA256SUMS.gpg"))).toEqual(first);
    writeFileSync(join(home, "gpg.conf"), "default-key second@example.org\n");
    await mkosiOk(build(), options(cwd, home));
    expect(signerOf(cwd)).toBe("second@example.org");
  } finally {
    execFileSync("gpgconf", ["--kill", "all"], { env: gpgEnvironment(home) });
    rmSync(home, { recursive: true });
  }
});

test("a Stateless OpenPGP program signs with a key file", async () => {
  const programs = join(scratch, "programs");
  mkdirSync(programs);
  execFileSync("apt-get", ["download", "gosop"], { cwd: scratch, stdio: "ignore" });
  const [deb = ""] = readdirSync(scratch).filter((name) => name.endsWith(".deb"));
  execFileSync("dpkg-deb", ["--extract", deb, "gosop"], { cwd: scratch });
  cpSync(join(scratch, "gosop/usr/bin/gosop"), join(programs, "gosop"));
  const gosop = (argv: readonly string[], input?: string | Buffer) =>
    execFileSync(join(programs, "gosop"), argv, { cwd: scratch, ...(input === undefined ? {} : { input }) });
  const key = join(scratch, "key.pgp");
  writeFileSync(key, gosop(["generate-key", "releases@example.org"]), { mode: 0o600 });
  writeFileSync(join(scratch, "cert.pgp"), gosop(["extract-cert"], readFileSync(key)));
  const cwd = makeProject(PROJECT);
  const sop = build("--openpgp-tool=gosop", `--extra-search-path=${programs}`);
  await mkosiOk([...sop, `--key=${key}`], { cwd });
  const sums = readFileSync(join(cwd, "img.SHA256SUMS"), "utf8");
  expect(gosop(["verify", join(cwd, "img.SHA256SUMS.gpg"), "cert.pgp"], sums).toString()).toMatch(/^\d{4}-\d\d-\d\d/);
});

test("what lacks for a signature is told before anything is built", async () => {
  const cwd = makeProject(PROJECT);
  const error = async (...argv: string[]) => {
    const { status, stderr } = await mkosi(build(...argv), options(cwd, "/nowhere/gnupg"));
    expect(status).toBe(1);
    expect(stderr).not.toContain("Packing");
    return stderr;
  };
  expect(await error()).toContain("image main is to be signed with a key of /nowhere/gnupg, which does not exist");
  expect(await error("--openpgp-tool=gosop")).toContain("image main is to be signed by gosop without a key");
  expect(await error("--openpgp-tool=gosop", "--key=/nowhere/key")).toContain("the key /nowhere/key for the signature");
});
