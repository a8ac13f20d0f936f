import { expect, test } from "vitest";
import { redact, redactCommand } from "../../src/report/redact.ts";
import { redactedStream } from "../../src/report/redact-stream.ts";

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

test("what a program prints of a secret is not shown, in lines of any number", () => {
  expect(redact('+ tool --root-password "two words" x\n+ tool --credential=a=b y\n')).toBe(
    "+ tool --root-password … x\n+ tool --credential=… y\n",
  );
  expect(redact("https://me:s3c:r@t@host/x http://host:80/a@b ssh://git@host/x")).toBe(
    "https://me:…@host/x http://host:80/a@b ssh://git@host/x",
  );
  expect(
    redact("type=11,value=io.systemd.credential.binary:a=c2VjcmV0 systemd.set_credential_binary=a:c2VjcmV0 q"),
  ).toBe("type=11,value=io.systemd.credential.binary:a=… systemd.set_credential_binary=a:… q");
});

test("an element of a command line is hidden with the blanks in it", () => {
  expect(redactCommand(["mkosi", "--root-password", "two words", "build"])).toBe("mkosi --root-password … build");
  expect(redactCommand(["mkosi", "--root-password=two\nlines now", "build"])).toBe("mkosi --root-password=… build");
  expect(redactCommand(["mkosi", "--credential", "token=two words", "--credential=b=c d", "-f"])).toBe(
    "mkosi --credential … --credential=… -f",
  );
  expect(redactCommand(["git", "clone", "https://me:secret@host/x"])).toBe("git clone https://me:…@host/x");
});

/** What comes out after each piece, and after the end. */
function pieces(...texts: readonly (string | Buffer)[]): readonly string[] {
  let out = "";
  const stream = redactedStream((text) => {
    out += text;
  });
  const seen = texts.map((text) => {
    stream.add(Buffer.from(text));
    return out;
  });
  stream.flush();
  return [...seen, out];
}

test("a secret that comes in pieces is hidden; all else stays as it is", () => {
  const key = "--private-key=pkcs11:object=k?pin-value=";
  expect(pieces(`+ measure ${key}12`, "34 --x\nnext")).toEqual([
    "",
    `+ measure ${key}… --x\n`,
    `+ measure ${key}… --x\nnext`,
  ]);
  expect(pieces(`a\n${key}12`, "34").at(-1)).toBe(`a\n${key}…`);
  expect(pieces("10 %\r", "20 %\r\n", "\n\n")).toEqual([
    "10 %\r",
    "10 %\r20 %\r\n",
    "10 %\r20 %\r\n\n\n",
    "10 %\r20 %\r\n\n\n",
  ]);
  const umlaut = Buffer.from("ä\n");
  expect(pieces(umlaut.subarray(0, 1), umlaut.subarray(1)).at(-1)).toBe("ä\n");
});
