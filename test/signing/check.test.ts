import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Config } from "../../src/settings/index.ts";
import { checkSigning } from "../../src/signing/check.ts";
import { makeImage } from "../support/image.ts";
import { makeEarly, makeExpired, makePair, type PairFiles } from "./pairs.ts";

const provider = { type: "provider", source: "pkcs11" };
let directory = "";
let good: PairFiles;
let other: PairFiles;

beforeAll(() => {
  directory = execFileSync("mktemp", ["-d", "/tmp/mkosi-test-XXXXXX"], { encoding: "utf8" }).trim();
  good = makePair(directory, "good");
  other = makePair(directory, "other");
  return () => execFileSync("rm", ["-r", directory]);
});

const boot = ({ key, certificate }: PairFiles): Partial<Config> => ({
  secureBoot: true,
  secureBootKey: key,
  secureBootCertificate: certificate,
});
const check = (config: Partial<Config>) => () => checkSigning(makeImage({ format: "disk", ...config }));

test("keys and certificates that belong together pass, for all three purposes", () => {
  const { key, certificate } = good;
  check({
    ...boot(good),
    ...{ signExpectedPcr: "enabled", signExpectedPcrKey: key, signExpectedPcrCertificate: certificate },
    ...{ verity: "signed", verityKey: key, verityCertificate: certificate },
  })();
});

test.each<[Partial<Config>, RegExp]>([
  [{ secureBoot: true }, /SecureBoot=yes needs SecureBootKey=, which is not set/],
  [{ secureBoot: true, secureBootKey: "/k" }, /SecureBoot=yes needs SecureBootCertificate=/],
  [{ signExpectedPcr: "enabled" }, /SignExpectedPcr=yes needs SignExpectedPcrKey=/],
  [{ verity: "signed", format: "sysext" }, /Verity=signed needs VerityKey=/],
])("what is asked for takes a key and a certificate: %o", (config, message) => {
  expect(check(config)).toThrow(message);
  expect(failureOf(check(config)).remedy).toContain("mkosi genkey");
});

test("what is not asked for takes none", () => {
  check({})();
  check({ secureBootKey: "/missing.key", secureBootCertificate: "/missing.crt" })();
  check({ verityKey: "/missing.key", verityCertificate: "/missing.crt" })();
  check({ ...boot({ key: "/missing", certificate: "/missing" }), bootable: "disabled" })();
});

test("a file that is missing, that is no key or that has a passphrase is told of", () => {
  const place = (name: string, text: string) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const locked = join(directory, "locked.key");
  execFileSync("openssl", ["pkey", "-in", good.key, "-aes128", "-passout", "pass:x", "-out", locked]);
  const key = (path: string) => check({ ...boot(good), secureBootKey: path });
  const certificate = (path: string) => check({ ...boot(good), secureBootCertificate: path });
  expect(key(join(directory, "none"))).toThrow(/SecureBootKey=.*none: does not exist/);
  expect(key(directory)).toThrow(/is a directory/);
  const fifo = join(directory, "fifo");
  execFileSync("mkfifo", [fifo]);
  expect(key(fifo)).toThrow(/SecureBootKey=.*fifo: is not a regular file/);
  expect(certificate(fifo)).toThrow(/is not a regular file/);
  const der = (program: string, from: string) => {
    const to = join(directory, `${program}.der`);
    execFileSync("openssl", [program, "-in", from, "-outform", "DER", "-out", to]);
    return to;
  };
  const [derKey, derCertificate] = [der("pkey", good.key), der("x509", good.certificate)];
  expect(key(derKey)).toThrow(/pkey\.der is not a private key in PEM/);
  expect(certificate(derCertificate)).toThrow(/x509\.der is not an X.509 certificate in PEM/);
  expect(failureOf(certificate(derCertificate)).remedy).toContain("openssl x509 -inform DER");
  expect(key(place("text", "no key"))).toThrow(/text is not a private key in PEM/);
  expect(key(good.certificate)).toThrow(/is not a private key in PEM/);
  expect(key(locked)).toThrow(/is protected by a passphrase/);
  expect(certificate(place("text", "no certificate"))).toThrow(/text is not an X.509 certificate/);
});

test("a key of a kind that signs nothing here is told of", () => {
  const key = join(directory, "ed.key");
  execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", key]);
  expect(check({ ...boot(good), secureBootKey: key })).toThrow(/ed\.key is a key for ed25519/);
});

test.skipIf(process.getuid?.() !== 0)("a key that one may not read is nothing to make anew", () => {
  execFileSync("chmod", ["000", good.key]);
  const user = 65534;
  execFileSync("chmod", ["755", directory]);
  process.seteuid?.(user);
  try {
    expect(check(boot(good))).toThrow(/good\.key: you may not read it/);
    expect(failureOf(check(boot(good))).remedy).not.toContain("genkey");
  } finally {
    process.seteuid?.(0);
    execFileSync("chmod", ["600", good.key]);
  }
});

test("a key that does not fit its certificate is told of, each purpose for itself", () => {
  const [wrong, right] = [{ key: good.key, certificate: other.certificate }, good];
  expect(check(boot(wrong))).toThrow(/other\.crt is not one of the key .*good\.key/);
  const verity = { verityKey: good.key, verityCertificate: other.certificate };
  expect(check({ ...boot(right), ...verity, format: "sysext" })).toThrow(/is not one of the key/);
  check({ ...boot(right), ...verity })(); // a disk without definitions has no verity
  expect(
    check({ ...boot(right), signExpectedPcrKey: other.key, signExpectedPcrCertificate: good.certificate }),
  ).toThrow(/good\.crt is not one of the key .*other\.key/);
});

test("an expired certificate is told of where it would count", () => {
  const expired = makeExpired(directory, "expired", good.key);
  const pair = { key: good.key, certificate: expired };
  expect(check(boot(pair))).toThrow(/expired\.crt has expired \(Jan +1 00:00:00 2021 GMT\)/);
  expect(failureOf(check(boot(pair))).remedy).toContain("genkey -f");
  check({ signExpectedPcr: "enabled", signExpectedPcrKey: good.key, signExpectedPcrCertificate: expired })();
  const early = makeEarly(directory, "early", good.key);
  expect(check(boot({ key: good.key, certificate: early }))).toThrow(
    /early\.crt is not valid yet, but from Jan +1 .* 2090/,
  );
});

test("ukify is told of one source for both signatures", () => {
  const { key, certificate } = good;
  const both = { ...boot(good), signExpectedPcrKey: key, signExpectedPcrCertificate: certificate };
  expect(check({ ...both, secureBootKeySource: provider })).toThrow(
    /SecureBootKeySource=provider:pkcs11 and SignExpectedPcrKeySource=file must be the same/,
  );
  expect(check({ ...both, signExpectedPcrCertificateSource: provider })).toThrow(
    /SecureBootCertificateSource=file and/,
  );
  check({ ...both, secureBootKeySource: provider, signExpectedPcrKeySource: provider })();
  // Where nothing is signed twice, the other source is of no interest.
  check({ ...boot({ key: "pkcs11:k", certificate }), secureBootKeySource: provider })();
});

test("what a token has is nothing to be found in files", () => {
  check({
    ...boot({ key: "pkcs11:object=k;type=private", certificate: good.certificate }),
    ...{ secureBootKeySource: provider, signExpectedPcrKeySource: provider },
  })();
});

test("sbsign knows no providers, and PCR values of the initrd belong to others", () => {
  const keys = { secureBootKeySource: provider, signExpectedPcrKeySource: provider };
  expect(check({ ...boot(good), ...keys, secureBootSignTool: "sbsign" })).toThrow(
    /sbsign cannot use OpenSSL providers/,
  );
  expect(check({ signInitrdPcrs: "enabled" })).toThrow(/SignInitrdPCRs=yes, but no PCR values/);
  check({ signInitrdPcrs: "enabled", splitArtifacts: ["pcrs"] })();
});

function failureOf(run: () => void): { readonly remedy: string } {
  try {
    run();
  } catch (error) {
    return (error as { details: { remedy: string } }).details;
  }
  throw new Error("nothing was wrong");
}
