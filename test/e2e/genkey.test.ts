// `mkosi genkey`: what it makes is read by openssl, and what is there stays.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { takeSnapshot } from "../support/cleanliness.ts";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";
import { unprivilegedUser } from "../support/user.ts";

const openssl = (cwd: string, ...words: string[]) => execFileSync("openssl", words, { cwd, encoding: "utf8" }).trim();
const subject = (cwd: string) => openssl(cwd, "x509", "-in", "mkosi.crt", "-noout", "-subject", "-nameopt", "utf8");

test("makes a key and its certificate, for whom and for how long one says", async () => {
  const cwd = makeProject();
  const { stdout, stderr } = await mkosiOk(["--genkey-common-name=Köln/A+B", "--genkey-valid-days=3", "genkey"], {
    cwd,
  });
  expect(stdout + stderr).toMatch(/Made .*mkosi\.key and .*mkosi\.crt for “Köln\/A\+B”, valid until \d{4}-/);
  expect(readdirSync(cwd).toSorted()).toEqual(["mkosi.crt", "mkosi.key"]);
  expect(statSync(join(cwd, "mkosi.key")).mode & 0o777).toBe(0o600);
  expect(subject(cwd)).toMatch(/CN ?= ?Köln\/A\+B$/);
  const key = openssl(cwd, "pkey", "-in", "mkosi.key", "-pubout");
  expect(openssl(cwd, "x509", "-in", "mkosi.crt", "-noout", "-pubkey")).toBe(key);
  expect(openssl(cwd, "pkey", "-in", "mkosi.key", "-text", "-noout")).toContain("2048 bit");
  openssl(cwd, "x509", "-in", "mkosi.crt", "-noout", "-checkend", String(2 * 86_400));
  expect(() => openssl(cwd, "x509", "-in", "mkosi.crt", "-noout", "-checkend", String(4 * 86_400))).toThrow();
  expect(stdout + stderr).not.toContain("PRIVATE KEY");
});

test("leaves alone what is there, unless it is told to replace it, whatever the configuration says", async () => {
  const cwd = makeProject({
    "mkosi.conf": "[Validation]\nSecureBoot=yes\n[Output]\nFormat=nonsense\n",
    "mkosi.crt": "mine",
  });
  const { status, stderr } = await mkosi(["genkey"], { cwd });
  expect(stderr).toMatch(/mkosi\.crt exists already[\s\S]*Add -f/);
  expect(status).toBe(1);
  expect([readdirSync(cwd).toSorted(), readFileSync(join(cwd, "mkosi.crt"), "utf8")]).toEqual([
    ["mkosi.conf", "mkosi.crt"],
    "mine",
  ]);
  await mkosiOk(["-f", "genkey"], { cwd });
  expect(subject(cwd)).toMatch(/mkosi of \w+/);
  rmSync(join(cwd, "mkosi.crt"));
  expect((await mkosi(["genkey"], { cwd })).stderr).toContain("mkosi.key exists already");
});

test("puts them beside the configuration", async () => {
  const cwd = makeProject({ mkosi: { "mkosi.conf": "" } });
  await mkosiOk(["genkey"], { cwd });
  expect(readdirSync(join(cwd, "mkosi")).toSorted()).toEqual(["mkosi.conf", "mkosi.crt", "mkosi.key"]);
});

test.each([
  [["--genkey-common-name="], /between 1 and 64 characters/],
  [[`--genkey-common-name=${"x".repeat(65)}`], /between 1 and 64 characters/],
  [["-C", ""], /genkey writes into the project's directory/],
  [["--genkey-valid-days=0"], /“0” is not a positive number/],
])("%j is refused, and nothing is left", async (words, message) => {
  const cwd = makeProject();
  const before = takeSnapshot();
  const { status, stderr } = await mkosi([...words, "genkey"], { cwd });
  expect(stderr).toMatch(message);
  expect(status).toBe(1);
  expect(readdirSync(cwd)).toEqual([]);
  expect(await before.leftovers()).toEqual([]);
});

const user = unprivilegedUser();

test.skipIf(typeof user === "string")("gives them to the user who has called it", async () => {
  if (typeof user === "string") throw new Error(user);
  const cwd = makeProject();
  execFileSync("chown", [user.name, cwd]);
  await mkosiOk(["genkey"], { cwd, user });
  const { uid } = statSync(cwd);
  expect(["mkosi.key", "mkosi.crt"].map((name) => statSync(join(cwd, name)).uid)).toEqual([uid, uid]);
  expect(subject(cwd)).toContain(`mkosi of ${user.name}`);
});
