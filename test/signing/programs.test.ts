// What the programs that sign are told.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Config } from "../../src/settings/index.ts";
import { signEfi, signTool } from "../../src/signing/efi.ts";
import { enrollmentOptions, makeEnrollment } from "../../src/signing/enroll.ts";
import { addonSigning, ukiSigning, wantsPolicyDigests } from "../../src/signing/uki.ts";
import { verityOptions } from "../../src/signing/verity.ts";
import { makeContext } from "../support/tree.ts";

const provider = { type: "provider", source: "pkcs11" };
const engine = { type: "engine", source: "pkcs11" };
const URI = "pkcs11:token=signing;object=boot;type=private";
const CRT = "pkcs11:token=signing;object=boot;type=cert";

const BOOT: Partial<Config> = { secureBoot: true, secureBootKey: "/k/boot.key", secureBootCertificate: "/k/boot.crt" };
const PCR: Partial<Config> = {
  signExpectedPcr: "enabled",
  signExpectedPcrKey: "/k/pcr.key",
  signExpectedPcrCertificate: "/k/pcr.crt",
};
const TOKEN: Partial<Config> = {
  ...{ secureBootKey: URI, secureBootKeySource: provider, signExpectedPcrKeySource: provider },
  ...{ secureBootCertificate: CRT, secureBootCertificateSource: provider, signExpectedPcrCertificateSource: provider },
};

async function contextFor(config: Partial<Config>, version = 262, tools: readonly string[] = []) {
  return await makeContext(config, {}, (argv) => (argv[1] === "--version" ? `x ${version} (${version}-1)` : ""), [
    ...["ukify", "bootctl", "openssl", "systemd-sbsign", "systemd-measure", "sbsign", "sbsiglist", "sbvarsign"],
    ...tools,
  ]);
}

test("systemd-sbsign is shown key and certificate, and nobody else is", async () => {
  const context = await contextFor(BOOT);
  await mkdir(join(context.root, "in"));
  await signEfi(context, join(context.root, "in/a.efi"), join(context.root, "out/b.efi"));
  expect(context.runner.commands()).toEqual([
    "/usr/lib/systemd/systemd-sbsign sign --private-key=/signing/secureBoot.key --certificate=/signing/secureBoot.crt --output /output/b.efi /input/a.efi",
  ]);
  expect(context.runner.specs[0]).toMatchObject({
    devices: [],
    mounts: [
      { source: join(context.root, "in/a.efi"), target: "/input/a.efi", readOnly: true },
      { source: join(context.root, "out"), target: "/output", readOnly: false },
      { source: "/k/boot.key", target: "/signing/secureBoot.key", readOnly: true },
      { source: "/k/boot.crt", target: "/signing/secureBoot.crt", readOnly: true },
    ],
  });
});

test("keys of providers are named, and their daemons and devices are there", async () => {
  const context = await contextFor({ ...BOOT, ...TOKEN });
  await signEfi(context, "/in/a.efi", join(context.root, "a.efi"));
  expect(context.runner.commands()[0]).toContain(
    `--private-key=${URI} --private-key-source=provider:pkcs11 --certificate=${CRT} --certificate-source=provider:pkcs11`,
  );
  expect(context.runner.specs[0]?.devices).toEqual(["/dev"]);
  expect(context.runner.specs[0]?.mounts).toContainEqual(expect.objectContaining({ target: "/run", readOnly: false }));
});

test("sbsign takes keys of engines", async () => {
  const context = await contextFor({
    ...BOOT,
    secureBootSignTool: "sbsign",
    secureBootKey: URI,
    secureBootKeySource: engine,
  });
  await signEfi(context, "/in/a.efi", join(context.root, "a.efi"));
  expect(context.runner.commands()).toEqual([
    `sbsign --engine pkcs11 --key ${URI} --cert /signing/secureBoot.crt --output /output/a.efi /input/a.efi`,
  ]);
});

test("the tool is systemd's where it is there, the other one where not, or the one that is asked for", async () => {
  const only = await makeContext(BOOT, {}, undefined, ["sbsign"]);
  expect(signTool(await contextFor(BOOT))).toBe("systemd-sbsign");
  expect(signTool(only)).toBe("sbsign");
  expect(signTool(await contextFor({ ...BOOT, secureBootSignTool: "sbsign" }))).toBe("sbsign");
  const none = await makeContext({ ...BOOT, secureBootSignTool: "systemd-sbsign" }, {}, undefined, ["sbsign"]);
  expect(() => signTool(none)).toThrow(/systemd-sbsign is not in the tools tree/);
});

test("ukify signs the image, its PCR values and those of the initrd", async () => {
  const { argv, mounts } = await ukiSigning(await contextFor({ ...BOOT, ...PCR }));
  expect(argv.join(" ")).toBe(
    "--signtool systemd-sbsign --secureboot-private-key /signing/secureBoot.key --secureboot-certificate /signing/secureBoot.crt " +
      "--sign-kernel --pcr-banks sha256 --pcr-private-key /signing/signExpectedPcr.key --sign-initrd-pcrs",
  );
  expect(mounts.map((mount) => mount.target).toSorted()).toEqual([
    ...["/signing/secureBoot.crt", "/signing/secureBoot.key"],
    ...["/signing/signExpectedPcr.crt", "/signing/signExpectedPcr.key"],
  ]);
  const old = await ukiSigning(await contextFor({ ...BOOT, ...PCR }, 257));
  expect(old.argv).not.toContain("--sign-initrd-pcrs");
  await expect(ukiSigning(await contextFor({ ...PCR, signInitrdPcrs: "enabled" }, 257))).rejects.toThrow(
    /ukify 257 cannot do it, 262 is the first/,
  );
});

test("ukify is told once where keys are, and of the certificate of what no file has", async () => {
  const pcr = { ...PCR, signExpectedPcrKey: URI, signExpectedPcrCertificate: CRT };
  const { argv } = await ukiSigning(await contextFor({ ...BOOT, ...pcr, ...TOKEN, signInitrdPcrs: "disabled" }));
  expect(argv.join(" ")).toBe(
    `--signtool systemd-sbsign --secureboot-private-key ${URI} --secureboot-certificate ${CRT} ` +
      "--signing-provider pkcs11 --certificate-provider pkcs11 --sign-kernel " +
      `--pcr-banks sha256 --pcr-private-key ${URI} --pcr-certificate ${CRT}`,
  );
  const alone = await ukiSigning(await contextFor({ ...TOKEN, ...pcr, signInitrdPcrs: "disabled" }, 257));
  expect(alone.argv.join(" ")).toBe(
    `--pcr-banks sha256 --pcr-private-key ${URI} --pcr-public-key ${CRT} --signing-provider pkcs11 --certificate-provider pkcs11`,
  );
});

test("an add-on has no PCR values, and nothing is signed that nobody asks to be", async () => {
  expect((await addonSigning(await contextFor({ ...BOOT, ...PCR }))).argv).not.toContain("--pcr-banks");
  expect((await ukiSigning(await contextFor({}))).argv).toEqual([]);
  const auto = { ...PCR, signExpectedPcr: "auto" } as const;
  expect((await ukiSigning(await contextFor(auto))).argv).toContain("--pcr-private-key");
  const without = await makeContext(auto, {}, () => "ukify 262", ["ukify"]);
  expect((await ukiSigning(without)).argv).toEqual([]);
  await expect(ukiSigning(await makeContext(PCR, {}, () => "ukify 262", ["ukify"]))).rejects.toThrow(
    /systemd-measure is not/,
  );
});

test("digests of PCR values are for keys that are elsewhere", async () => {
  const wishes = { splitArtifacts: ["pcrs"], signExpectedPcrCertificate: "/k/pcr.crt" } satisfies Partial<Config>;
  const context = await contextFor(wishes);
  expect(wantsPolicyDigests(context)).toBe(true);
  expect((await ukiSigning(context)).argv.join(" ")).toBe(
    "--policy-digest --pcr-banks sha256 --pcr-certificate /signing/signExpectedPcr.crt --sign-initrd-pcrs",
  );
  expect(wantsPolicyDigests(await contextFor({ ...wishes, ...PCR }))).toBe(false);
  await expect(ukiSigning(await contextFor({ splitArtifacts: ["pcrs"] }))).rejects.toThrow(
    /name the key that is to sign/,
  );
});

test("bootctl makes what firmware enrols, older ones have it made", async () => {
  expect((await enrollmentOptions(await contextFor(BOOT)))?.argv).toEqual([
    "--secure-boot-auto-enroll=yes",
    "--private-key=/signing/secureBoot.key",
    "--certificate=/signing/secureBoot.crt",
  ]);
  expect(await enrollmentOptions(await contextFor({ ...BOOT, secureBootAutoEnroll: false }))).toBeUndefined();
  const old = await contextFor(BOOT, 256);
  expect(await enrollmentOptions(old)).toBeUndefined();
  await makeEnrollment(old);
  expect(old.runner.commands().filter((command) => command.startsWith("sbvarsign"))).toEqual(
    ["PK", "KEK", "db"].map(
      (name) =>
        "sbvarsign --attr NON_VOLATILE,BOOTSERVICE_ACCESS,RUNTIME_ACCESS,TIME_BASED_AUTHENTICATED_WRITE_ACCESS " +
        `--key /signing/secureBoot.key --cert /signing/secureBoot.crt --output /output/${name}.auth ${name} /work/enrol.esl`,
    ),
  );
  const token = await contextFor({ ...BOOT, ...TOKEN }, 256);
  await expect(makeEnrollment(token)).rejects.toThrow(/sbvarsign takes no keys of OpenSSL providers/);
});

test("systemd-repart signs, leaves empty or leaves out", async () => {
  const keys: Partial<Config> = { verityKey: "/k/v.key", verityCertificate: "/k/v.crt" };
  const options = async (config: Partial<Config>) => verityOptions(await contextFor(config));
  const types = ["root-x86-64-verity-sig", "usr-x86-64-verity-sig"];
  expect((await options({ ...keys, verity: "signed" })).signing?.argv).toEqual([
    "--private-key=/signing/verity.key",
    "--certificate=/signing/verity.crt",
  ]);
  expect((await options(keys)).signing).toBeDefined();
  expect(await options({})).toEqual({});
  expect(await options({ ...keys, verity: "disabled" })).toEqual({});
  expect(await options({ ...keys, verity: "hash" })).toEqual({ exclude: types });
  expect(await options({ ...keys, verity: "defer" })).toEqual({ defer: types });
});
