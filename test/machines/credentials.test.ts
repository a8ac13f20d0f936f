import { execFileSync, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { commandLineCredentials, openSshKey, smbiosString } from "../../src/machines/credentials.ts";
import { fstabLines } from "../../src/machines/shared.ts";
import { chooseCid } from "../../src/machines/vsock.ts";

test("a credential becomes an SMBIOS string or a kernel option, whatever its bytes", () => {
  const value = Buffer.from([0, 255, 10, 44]);
  expect(smbiosString("a.b", value)).toBe("io.systemd.credential.binary:a.b=AP8KLA==");
  expect(commandLineCredentials(new Map([["a.b", value]]))).toEqual(["systemd.set_credential_binary=a.b:AP8KLA=="]);
});

const noSshKeygen = spawnSync("ssh-keygen", ["-?"]).error !== undefined;

test.skipIf(noSshKeygen).each(["rsa", "ed25519"] as const)("ssh-keygen reads our form of an %s key", (type) => {
  const { publicKey } =
    type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ed25519");
  const line = openSshKey(publicKey);
  const fingerprint = execFileSync("ssh-keygen", ["-l", "-f", "-"], { input: `${line}\n`, encoding: "utf8" });
  expect(fingerprint).toContain(type.toUpperCase());
});

test("other keys are refused by name", () => {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  expect(() => openSshKey(publicKey)).toThrow("key of type ec");
});

test("connection ids: given, derived, any", () => {
  expect(chooseCid(77, "/x")).toBe(77);
  expect(chooseCid(-2, "/x")).toBe(chooseCid(-2, "/x"));
  expect(chooseCid(-2, "/x")).not.toBe(chooseCid(-2, "/y"));
  expect(chooseCid(-1, "/x")).toBeGreaterThanOrEqual(3);
});

test("the root of a directory image is no line of fstab", () => {
  expect(
    fstabLines([
      { tag: "root", mountPoint: undefined },
      { tag: "/root/src", mountPoint: "/root/src" },
    ]),
  ).toBe("/root/src /root/src virtiofs x-initrd.mount\n");
});
