// The [Validation] section: keys, signatures and checksums.

import { boolean, feature } from "./types/boolean.ts";
import { oneOf, oneOfOrBoolean } from "./types/choice.ts";
import { fileOrName, path } from "./types/path.ts";
import { keySource } from "./types/special.ts";
import { stringAs } from "./types/text.ts";
import { setting } from "./setting.ts";

export const validation = {
  secureBoot: setting({
    name: "SecureBoot", section: "Validation", option: "secure-boot", type: boolean, scope: "local",
    help: "Whether EFI programs are signed for Secure Boot.",
  }),
  secureBootAutoEnroll: setting({
    name: "SecureBootAutoEnroll", section: "Validation", option: "secure-boot-auto-enroll", type: boolean,
    default: true, scope: "local", help: "Whether the firmware is given our keys at its first boot.",
  }),
  secureBootKey: setting({
    name: "SecureBootKey", section: "Validation", option: "secure-boot-key", type: fileOrName("KEY", true),
    scope: "universal", pickup: ["mkosi.key"], help: "The private key for Secure Boot.",
  }),
  secureBootKeySource: setting({
    name: "SecureBootKeySource", section: "Validation", option: "secure-boot-key-source",
    type: keySource(["file", "engine", "provider"], "SOURCE[:ENGINE]"), scope: "universal",
    help: "Where the private key for Secure Boot comes from.",
  }),
  secureBootCertificate: setting({
    name: "SecureBootCertificate", section: "Validation", option: "secure-boot-certificate",
    type: fileOrName("PATH", false), scope: "universal", pickup: ["mkosi.crt"],
    help: "The certificate for Secure Boot.",
  }),
  secureBootCertificateSource: setting({
    name: "SecureBootCertificateSource", section: "Validation", option: "secure-boot-certificate-source",
    type: keySource(["file", "provider"], "SOURCE[:PROVIDER]"), scope: "universal",
    help: "Where the certificate for Secure Boot comes from.",
  }),
  secureBootSignTool: setting({
    name: "SecureBootSignTool", section: "Validation", option: "secure-boot-sign-tool",
    type: oneOf("auto", "sbsign", "systemd-sbsign"), default: "auto", scope: "local",
    help: "The program that signs EFI programs.",
  }),
  verity: setting({
    name: "Verity", section: "Validation", option: "verity",
    type: oneOfOrBoolean(["disabled", "hash", "signed", "defer", "auto"], { yes: "signed", no: "disabled" }),
    default: "auto", scope: "local",
    help: "Whether the disk is protected by verity, and how its root hash is signed.",
  }),
  verityKey: setting({
    name: "VerityKey", section: "Validation", option: "verity-key", type: fileOrName("KEY", true), scope: "universal",
    pickup: ["mkosi.key"], help: "The private key that signs the verity root hash.",
  }),
  verityKeySource: setting({
    name: "VerityKeySource", section: "Validation", option: "verity-key-source",
    type: keySource(["file", "engine", "provider"], "SOURCE[:ENGINE]"), scope: "universal",
    help: "Where the private key for verity comes from.",
  }),
  verityCertificate: setting({
    name: "VerityCertificate", section: "Validation", option: "verity-certificate", type: fileOrName("PATH", false),
    scope: "universal", pickup: ["mkosi.crt"], help: "The certificate that verifies the verity root hash.",
  }),
  verityCertificateSource: setting({
    name: "VerityCertificateSource", section: "Validation", option: "verity-certificate-source",
    type: keySource(["file", "provider"], "SOURCE[:PROVIDER]"), scope: "universal",
    help: "Where the certificate for verity comes from.",
  }),
  signExpectedPcr: setting({
    name: "SignExpectedPcr", section: "Validation", option: "sign-expected-pcr", type: feature, scope: "local",
    help: "Whether expected PCR values are computed and signed in the unified kernel image.",
  }),
  signExpectedPcrKey: setting({
    name: "SignExpectedPcrKey", section: "Validation", option: "sign-expected-pcr-key", type: fileOrName("KEY", true),
    scope: "inherit", pickup: ["mkosi.key"], help: "The private key that signs expected PCR values.",
  }),
  signExpectedPcrKeySource: setting({
    name: "SignExpectedPcrKeySource", section: "Validation", option: "sign-expected-pcr-key-source",
    type: keySource(["file", "engine", "provider"], "SOURCE[:ENGINE]"), scope: "inherit",
    help: "Where the private key for expected PCR values comes from.",
  }),
  signExpectedPcrCertificate: setting({
    name: "SignExpectedPcrCertificate", section: "Validation", option: "sign-expected-pcr-certificate",
    type: fileOrName("PATH", false), scope: "inherit", pickup: ["mkosi.crt"],
    help: "The certificate for expected PCR values.",
  }),
  signExpectedPcrCertificateSource: setting({
    name: "SignExpectedPcrCertificateSource", section: "Validation", option: "sign-expected-pcr-certificate-source",
    type: keySource(["file", "provider"], "SOURCE[:PROVIDER]"), scope: "inherit",
    help: "Where the certificate for expected PCR values comes from.",
  }),
  signInitrdPcrs: setting({
    name: "SignInitrdPCRs", section: "Validation", option: "sign-initrd-pcrs", type: feature, scope: "local",
    help: "Whether PCR values that hold in the initrd are signed as well.",
  }),
  passphrase: setting({
    name: "Passphrase", section: "Validation", option: "passphrase", type: path({ required: false, secret: true }),
    scope: "local", pickup: ["mkosi.passphrase"], help: "The file with the passphrase of encrypted partitions.",
  }),
  checksum: setting({
    name: "Checksum", section: "Validation", option: "checksum", bareMeans: "yes", type: boolean,
    default: (context) => context.get("sign") as boolean, scope: "local",
    help: "Whether SHA256SUMS of the outputs are written.",
  }),
  sign: setting({
    name: "Sign", section: "Validation", option: "sign", type: boolean, scope: "local",
    help: "Whether SHA256SUMS is signed.",
  }),
  key: setting({
    name: "Key", section: "Validation", option: "key", type: stringAs("FINGERPRINT"), scope: "local",
    help: "The OpenPGP key that signs SHA256SUMS.",
  }),
  openpgpTool: setting({
    name: "OpenPGPTool", section: "Validation", option: "openpgp-tool", type: stringAs("PROGRAM"), default: "gpg",
    scope: "local", help: "The OpenPGP program that signs SHA256SUMS.",
  }),
};
