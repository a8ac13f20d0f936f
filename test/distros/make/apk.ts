// Packages and an index for apk, by the description of its formats (version 2): no suite of Debian has apk-tools, so nothing
// can install them here. Each is gzip streams one after the other: a signature, what describes the package, its files.

import { createHash, createSign, generateKeyPairSync } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { EPOCH } from "../keys.ts";
import { put } from "./stage.ts";

interface Apk {
  readonly name: string;
  readonly version: string;
  readonly depends: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

const PACKAGES: readonly Apk[] = [
  {
    name: "baselayout",
    version: "1-r0",
    depends: [],
    files: { "etc/os-release": 'ID=postmarketos\nNAME="postmarketOS"\n' },
  },
  { name: "hello", version: "2.10-r0", depends: ["baselayout"], files: { "usr/share/hello/greeting": "hello\n" } },
  {
    name: "hello",
    version: "2.10-r1",
    depends: ["baselayout"],
    files: { "usr/share/hello/greeting": "hello again\n" },
  },
];

const KEY = "test@example.invalid.rsa.pub";

/** Makes postmarketOS's repositories below the mirror, and the public key in keys/. */
export function layApkRepositories(mirror: string): void {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  put(join(mirror, "keys", KEY), publicKey);
  for (const [repository, packages] of [
    ["main", PACKAGES],
    ["extra-repos/systemd/main", []],
  ] as const) {
    const directory = join(mirror, "postmarketos", repository, "x86_64");
    mkdirSync(directory, { recursive: true });
    const records = packages.map((made) => {
      const { bytes, control } = apk(made, privateKey);
      put(join(directory, `${made.name}-${made.version}.apk`), bytes);
      return record(made, bytes.length, control);
    });
    const index = gzip(tar({ DESCRIPTION: "test", APKINDEX: records.join("") }, true));
    put(join(directory, "APKINDEX.tar.gz"), Buffer.concat([signature(index, privateKey), index]));
  }
}

function apk(made: Apk, privateKey: string): { bytes: Buffer; control: Buffer } {
  const data = gzip(tar(made.files, true));
  const fields = [
    ["pkgname", made.name],
    ["pkgver", made.version],
    ["pkgdesc", made.name],
    ["url", "https://example.invalid/"],
    ["builddate", String(EPOCH)],
    ["size", String(installedSize(made))],
    ["arch", "x86_64"],
    ["license", "test"],
    ...made.depends.map((name) => ["depend", name]),
    ["datahash", createHash("sha256").update(data).digest("hex")],
  ];
  const control = gzip(tar({ ".PKGINFO": fields.map(([key, value]) => `${key} = ${value}\n`).join("") }, false));
  return { bytes: Buffer.concat([signature(control, privateKey), control, data]), control };
}

function record(made: Apk, size: number, control: Buffer): string {
  const fields = [
    `C:Q1${createHash("sha1").update(control).digest("base64")}`,
    `P:${made.name}`,
    `V:${made.version}`,
    "A:x86_64",
    `S:${size}`,
    `I:${installedSize(made)}`,
    `T:${made.name}`,
    "U:https://example.invalid/",
    "L:test",
    `t:${EPOCH}`,
    ...(made.depends.length > 0 ? [`D:${made.depends.join(" ")}`] : []),
  ];
  return `${fields.join("\n")}\n\n`;
}

function installedSize({ files }: Apk): number {
  return Object.values(files).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

/** The stream that stands before what it signs, compressed as it is. */
function signature(signed: Buffer, privateKey: string): Buffer {
  const bytes = createSign("RSA-SHA1").update(signed).sign(privateKey);
  return gzip(tar({ [`.SIGN.RSA.${KEY}`]: bytes }, false));
}

function gzip(bytes: Buffer): Buffer {
  const compressed = gzipSync(bytes, { level: 9 });
  compressed[9] = 3; // Unix, whatever zlib says
  return compressed;
}

/** A ustar archive; streams that others follow have no end of archive. */
function tar(files: Readonly<Record<string, string | Buffer>>, isLast: boolean): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const content = Buffer.from(text);
    const header = Buffer.alloc(512);
    const octal = (value: number, length: number) => value.toString(8).padStart(length - 1, "0");
    const fields: [string, number][] = [
      [name, 0],
      [octal(0o644, 8), 100],
      [octal(0, 8), 108],
      [octal(0, 8), 116],
      [octal(content.length, 12), 124],
      [octal(EPOCH, 12), 136],
      ["        ", 148],
      ["0", 156],
      ["ustar\u000000", 257],
      ["root", 265],
      ["root", 297],
    ];
    for (const [text, offset] of fields) header.write(text, offset, "latin1");
    const sum = header.reduce((sum, byte) => sum + byte, 0);
    header.write(`${octal(sum, 7)}\u0000 `, 148, "latin1");
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat(isLast ? [...blocks, Buffer.alloc(1024)] : blocks);
}
