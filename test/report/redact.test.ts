import { expect, test } from "vitest";
import { redact } from "../../src/report/redact.ts";

test("passwords on command lines are not shown", () => {
  expect(redact("mkosi --root-password=secret -f build")).toBe("mkosi --root-password=… -f build");
  expect(redact("mkosi --root-password secret build")).toBe("mkosi --root-password … build");
  expect(redact("systemd-firstboot --root-password-hashed=$6$x --force")).toBe(
    "systemd-firstboot --root-password-hashed=… --force",
  );
  expect(redact("mkosi -p passwd --root-shell=/bin/sh")).toBe("mkosi -p passwd --root-shell=/bin/sh");
});
