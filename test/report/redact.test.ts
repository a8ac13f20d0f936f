import { expect, test } from "vitest";
import { redact } from "../../src/report/redact.ts";

test("PINs in the names of keys are not shown", () => {
  expect(redact("ukify --secureboot-private-key pkcs11:object=k?pin-value=1234 --output x")).toBe(
    "ukify --secureboot-private-key pkcs11:object=k?pin-value=… --output x",
  );
  expect(redact('"pkcs11:pin-value=12%3534&module-name=m"')).toBe('"pkcs11:pin-value=…&module-name=m"');
});

test("passwords on command lines are not shown", () => {
  expect(redact("mkosi --root-password=secret -f build")).toBe("mkosi --root-password=… -f build");
  expect(redact("mkosi --root-password secret build")).toBe("mkosi --root-password … build");
  expect(redact("systemd-firstboot --root-password-hashed=$6$x --force")).toBe(
    "systemd-firstboot --root-password-hashed=… --force",
  );
  expect(redact("mkosi -p passwd --root-shell=/bin/sh")).toBe("mkosi -p passwd --root-shell=/bin/sh");
});
