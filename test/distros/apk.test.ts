// The index and packages for apk, taken apart by other programs: signatures by openssl, archives by tar.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { layApkRepositories } from "./make/apk.ts";

describe("apk", () => {
  let mirror: string;
  beforeAll(() => {
    mirror = mkdtempSync(join(tmpdir(), "mkosi-apk-"));
    layApkRepositories(mirror);
    return () => rmSync(mirror, { recursive: true, force: true });
  });

  /** The gzip streams that a file consists of, compressed. */
  function streams(file: string): Buffer[] {
    const result: Buffer[] = [];
    for (let rest = readFileSync(file); rest.length > 0; ) {
      // Header of ten bytes, then the data, then eight bytes of sums.
      const { engine } = inflateRawSync(rest.subarray(10), { info: true }) as unknown as {
        engine: { bytesWritten: number };
      };
      const length = 10 + engine.bytesWritten + 8;
      result.push(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    return result;
  }

  function place(): string {
    const path = mkdtempSync(join(tmpdir(), "mkosi-apk-"));
    onTestFinished(() => rmSync(path, { recursive: true, force: true }));
    return path;
  }

  /** A file of a stream, by tar. */
  function extract(stream: Buffer, name: string): Buffer {
    return execFileSync("tar", ["--extract", "--gzip", "--to-stdout", name], {
      input: stream,
      stdio: ["pipe", "pipe", "ignore"],
    });
  }

  test.for([
    "main/x86_64/APKINDEX.tar.gz",
    "extra-repos/systemd/main/x86_64/APKINDEX.tar.gz",
    "main/x86_64/hello-2.10-r1.apk",
  ])("%s is signed", (file) => {
    const [signature, signed] = streams(join(mirror, "postmarketos", file));
    const path = place();
    writeFileSync(join(path, "signature"), extract(signature!, ".SIGN.RSA.test@example.invalid.rsa.pub"));
    writeFileSync(join(path, "signed"), signed!);
    const key = join(mirror, "keys/test@example.invalid.rsa.pub");
    const argv = ["dgst", "-sha1", "-verify", key, "-signature", join(path, "signature"), join(path, "signed")];
    expect(execFileSync("openssl", argv, { encoding: "utf8" })).toBe("Verified OK\n");
  });

  test("the index has each package's digest and size, packages that of their files", () => {
    const directory = join(mirror, "postmarketos/main/x86_64");
    const [, index] = streams(join(directory, "APKINDEX.tar.gz"));
    const records = extract(index!, "APKINDEX").toString().split("\n\n").slice(0, -1);
    const field = (record: string, name: string) => new RegExp(`^${name}:(.*)$`, "m").exec(record)?.[1];
    expect(records.map((record) => [field(record, "P"), field(record, "V"), field(record, "D")])).toEqual([
      ["baselayout", "1-r0", undefined],
      ["hello", "2.10-r0", "baselayout"],
      ["hello", "2.10-r1", "baselayout"],
    ]);
    for (const record of records) {
      const file = join(directory, `${field(record, "P")}-${field(record, "V")}.apk`);
      const [, control, data] = streams(file);
      expect(field(record, "S")).toBe(String(readFileSync(file).length));
      expect(field(record, "C")).toBe(`Q1${createHash("sha1").update(control!).digest("base64")}`);
      const digest = createHash("sha256").update(data!).digest("hex");
      expect(extract(control!, ".PKGINFO").toString()).toContain(`datahash = ${digest}\n`);
    }
  });
});
