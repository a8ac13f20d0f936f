// Signatures of EFI programs, PCR values and disks with verity, read back by programs that have not made them (sbverify, Node's
// crypto, veritysetup, openssl), with keys in files and in a PKCS #11 token; and firmware that starts what is signed and nothing else.

import { execFileSync } from "node:child_process";
import { createHash, createPublicKey, verify, X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { takeSnapshot } from "../support/cleanliness.ts";
import { type Finished, mkosi, mkosiOk } from "../support/mkosi.ts";
import { type MoreTools, moreTools } from "../support/more-tools.ts";
import { type Tree, writeTree } from "../support/project.ts";
import { runs } from "../support/runs.ts";
import { keptToolsTree, runInToolsTree } from "../support/tools-tree.ts";

const notHere = process.getuid?.() !== 0 || process.arch !== "x64";

const project = (hsm: string): Tree => ({
  "mkosi.conf": `[Distribution]
Distribution=debian
Release=trixie
[Output]
OutputDirectory=out
SplitArtifacts=uki,pcrs,roothash
[Content]
Bootable=yes
Packages=linux-image-cloud-amd64,systemd-boot-efi,busybox-static
Initrds=initrd.cpio
KernelModulesInitrd=no
KernelCommandLine=console=ttyS0
RemoveFiles=/usr/share/doc /usr/share/locale /usr/share/man /boot/* /usr/lib/modules/*/kernel
[Validation]
SecureBoot=yes
[Build]
Incremental=yes
CacheDirectory=cache
Environment=PKCS11_PROVIDER_MODULE=/usr/lib/softhsm/libsofthsm2.so
            SOFTHSM2_CONF=${hsm}/softhsm2.conf
[Runtime]
Console=read-only
RAM=1G
TPM=no
KVM=no
Firmware=uefi-secure-boot
FirmwareVariables=custom
`,
});

const INIT = `#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox dmesg | /bin/busybox grep 'Secure boot enabled'
echo INITRD-IS-UP
/bin/busybox poweroff -f
`;

const VERITY: Tree = {
  "00-esp.conf": "[Partition]\nType=esp\nFormat=vfat\nCopyFiles=/boot:/\nCopyFiles=/efi:/\n",
  "10-root.conf":
    "[Partition]\nType=root\nFormat=erofs\nCopyFiles=/usr/lib/os-release\nVerity=data\nVerityMatchKey=root\nMinimize=best\n",
  "20-root-verity.conf": "[Partition]\nType=root-verity\nVerity=hash\nVerityMatchKey=root\nMinimize=best\n",
  "30-root-verity-sig.conf": "[Partition]\nType=root-verity-sig\nVerity=signature\nVerityMatchKey=root\n",
};

const VERITY_OPTIONS = ["--repart-directory=verity.repart", "--verity=signed", "--split-artifacts=partitions"];

describe.skipIf(notHere)("signed images", () => {
  let directory = "";
  let hsm = "";
  let more: MoreTools;
  const out = (name = "") => join(directory, "out", name);
  const options = () => [`--tools-tree=${keptToolsTree()}`, `--sandbox-tree=${more.directory}`];
  const build = async (...own: string[]) => {
    const { stdout, stderr } = await mkosiOk(["-f", ...options(), ...own], { cwd: directory });
    return stdout + stderr;
  };
  const inTools = (script: string) => runInToolsTree(script, directory);
  const certificate = () => new X509Certificate(readFileSync(join(directory, "mkosi.crt")));

  beforeAll(async () => {
    more = await moreTools(["systemd-tpm", "softhsm2", "cryptsetup-bin"]);
    directory = execFileSync("mktemp", ["-d", "/tmp/mkosi-test-XXXXXX"], { encoding: "utf8" }).trim();
    hsm = mkdtempSync("/run/mkosi-test-");
    writeTree(directory, { ...project(hsm), initrd: { init: INIT }, "initrd.cpio": "" });
    chmodSync(join(directory, "initrd/init"), 0o755);
    await mkosiOk(["genkey"], { cwd: directory });
    await build();
  });
  afterAll(() => {
    for (const place of [directory, hsm]) rmSync(place, { recursive: true, force: true });
    more?.remove();
  });

  test("firmware and boot loader find nothing that is not signed", () => {
    const files = inTools("mdir -b -/ -i out/image.raw@@1M :: | grep -i '[.]efi$'").trim().split("\n");
    expect(files.map((file) => file.toLowerCase())).toEqual([
      ...["::/efi/boot/bootx64.efi", expect.stringMatching(/^::\/efi\/linux\/debian-6.*\.efi$/)],
      "::/efi/systemd/systemd-bootx64.efi",
    ]);
    for (const file of files) expect(verified(file)).toContain("Signature verification OK");
  });

  /** What sbverify says of a program in the image's ESP, or beside the image. */
  function verified(file: string, crt = "mkosi.crt", image = "image"): string {
    const get = file.startsWith("::") ? `mcopy -n -i out/${image}.raw@@1M '${file}' program` : `cp '${file}' program`;
    return inTools(`rm -f program; ${get}; sbverify --cert ${crt} program 2>&1 || true`);
  }

  test("the firmware's databases are there as signed updates, which systemd-boot enrols", () => {
    expect(inTools("mdir -b -i out/image.raw@@1M ::/loader/keys/auto").trim().split("\n").toSorted()).toEqual(
      ["KEK", "PK", "db"].map((name) => `::/loader/keys/auto/${name}.auth`),
    );
    const update = inTools("mcopy -n -i out/image.raw@@1M ::/loader/keys/auto/db.auth db; base64 -w0 db");
    expect(Buffer.from(update, "base64").includes(certificate().raw)).toBe(true);
  });

  test("expected PCR values are signed with the key whose public half the image has", () => {
    const sections = JSON.parse(inTools("ukify --json=short inspect out/image.efi")) as Record<
      string,
      { text: string }
    >;
    const key = createPublicKey(sections[".pcrpkey"]?.text ?? "");
    expect(key.equals(certificate().publicKey)).toBe(true);
    const values = JSON.parse(sections[".pcrsig"]?.text ?? "") as Record<
      string,
      (Record<"pol" | "sig", string> & { ref?: string })[]
    >;
    const { sha256 = [], ...others } = values;
    expect(others).toEqual({});
    expect(sha256.length).toBeGreaterThan(3);
    // As TPM2_PolicyAuthorize has it, with the digest of the reference that SignInitrdPCRs= gives.
    for (const { pol, sig, ref } of sha256) {
      const digest = ref === undefined ? Buffer.alloc(0) : createHash("sha256").update(ref).digest();
      const message = Buffer.concat([Buffer.from(pol, "hex"), digest]);
      expect(verify("sha256", message, key, Buffer.from(sig, "base64"))).toBe(true);
    }
    expect(sha256.filter(({ ref }) => ref === "initrd")).toHaveLength(1);
    expect(JSON.parse(readFileSync(out("image.pcrs"), "utf8"))).toEqual(values);
  });

  test("digests of PCR values are written out for a key that is elsewhere", async () => {
    await build("--format=uki", "--output=digests", "--sign-expected-pcr=no");
    const digests = JSON.parse(readFileSync(out("digests.pcrs"), "utf8")) as Record<string, Record<string, string>[]>;
    expect(digests["sha256"]?.[0]).toMatchObject({ pcrs: [11], pol: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(digests["sha256"]?.some((entry) => "sig" in entry)).toBe(false);
    expect(verified("out/digests.efi")).toContain("Signature verification OK");
  });

  test("an ESP has nothing in it that is not signed", async () => {
    await build("--format=esp", "--output=esp");
    const [kernel = ""] = inTools("mdir -b -i out/esp.raw@@1M ::/EFI/Linux").trim().split("\n");
    for (const file of [kernel, "::/EFI/BOOT/BOOTX64.EFI"])
      expect(verified(file, "mkosi.crt", "esp")).toContain("Signature verification OK");
  });

  test("kernels with entries of their own are signed by sbsign, and by systemd-sbsign", async () => {
    for (const tool of ["sbsign", "systemd-sbsign"]) {
      await build(
        "--format=directory",
        "--output=tree",
        "--unified-kernel-images=no",
        `--secure-boot-sign-tool=${tool}`,
      );
      const [version = ""] = readdirSync(out("tree/usr/lib/modules"));
      // Beside the distribution's signature.
      const kernel = `out/tree/boot/debian/${version}/vmlinuz`;
      expect(verified(kernel)).toContain("Signature verification OK");
      expect(inTools(`sbverify --list ${kernel}`)).toMatch(/Debian Secure Boot CA[\s\S]*mkosi of root/);
      expect(verified("out/tree/usr/lib/systemd/boot/efi/systemd-bootx64.efi.signed")).toContain("verification OK");
    }
  });

  test("an add-on is signed as a whole, without PCR values of its own", async () => {
    const stub = "usr/lib/systemd/boot/efi/addonx64.efi.stub";
    const own = [
      "--distribution=custom",
      "--bootable=no",
      "--package=",
      `--extra-tree=${out(`tree/${stub}`)}:/${stub}`,
    ];
    await build("--format=addon", "--output=addon", "--remove-files=/usr", ...own);
    expect(verified("out/addon.efi")).toContain("Signature verification OK");
    const sections = JSON.parse(inTools("ukify --json=short inspect out/addon.efi")) as Record<string, unknown>;
    expect(Object.keys(sections)).not.toContain(".pcrsig");
  });

  test("a disk with verity has its root hash on the signed command line, and a signature of it", async () => {
    writeTree(directory, { "verity.repart": VERITY });
    await build("--output=verity", ...VERITY_OPTIONS);
    const hash = readFileSync(out("verity.roothash"), "utf8");
    const sections = JSON.parse(inTools("ukify --json=short inspect out/verity.efi")) as Record<
      string,
      { text: string }
    >;
    expect(sections[".cmdline"]?.text).toContain(`roothash=${hash} console=ttyS0`);
    expect(inTools("mdir -b -i out/verity.raw@@1M ::/EFI/Linux").trim()).toMatch(new RegExp(`-${hash}\\.efi$`));
    expectVerity("out/verity", hash, certificate());
  });

  /** Hash tree and signature of split partitions fit the root hash. */
  function expectVerity(output: string, hash: string, signer: X509Certificate): void {
    const parts = `${output}.root-x86-64`;
    const check = `veritysetup verify ${parts}.raw ${parts}-verity.raw`;
    const run = (script: string) => runInToolsTree(`PATH=$PWD/more/bin:$PWD/more/sbin:$PATH; ${script}`, directory);
    rmSync(join(directory, "more"), { recursive: true, force: true });
    execFileSync("cp", ["-r", join(more.directory, "usr"), join(directory, "more")]);
    run(`LD_LIBRARY_PATH=$PWD/more/lib/x86_64-linux-gnu ${check} ${hash}`);
    expect(() => run(`LD_LIBRARY_PATH=$PWD/more/lib/x86_64-linux-gnu ${check} ${"0".repeat(64)} 2>&1`)).toThrow();
    const text = readFileSync(join(directory, `${parts}-verity-sig.raw`))
      .toString("latin1")
      .replace(/\0+$/, "");
    const signature = JSON.parse(text) as { rootHash: string; signature: string; certificateFingerprint: string };
    expect(signature.rootHash).toBe(hash);
    expect(signature.certificateFingerprint).toBe(signer.fingerprint256.replaceAll(":", "").toLowerCase());
    writeFileSync(join(directory, "signature"), Buffer.from(signature.signature, "base64"));
    writeFileSync(join(directory, "hash"), hash);
    const who = "-certfile mkosi.crt -CAfile mkosi.crt -nointern -purpose any -noverify";
    inTools(`openssl smime -verify -inform DER -in signature -content hash ${who} -out /dev/null`);
  }

  test("a changed key signs anew what the old one has signed, and nothing else is made again", async () => {
    writeFileSync(join(directory, "old.crt"), readFileSync(join(directory, "mkosi.crt")));
    await mkosiOk(["-f", "genkey"], { cwd: directory });
    const said = await build();
    expect(said).toMatch(/Kept: Installing the base system/);
    expect(said).not.toMatch(/✓ main +Installing packages/);
    for (const program of ["::/EFI/BOOT/BOOTX64.EFI", "out/image.efi"]) {
      expect(verified(program)).toContain("Signature verification OK");
      expect(verified(program, "old.crt")).toContain("Signature verification failed");
    }
    expect(await build()).toMatch(/Kept: .*Packing/);
  });

  describe("with a key in a PKCS #11 token", () => {
    const uri = "pkcs11:token=signing;object=boot";
    const token = (pin: string) => [
      ...["--secure-boot", "--sign-expected-pcr", "--verity"].flatMap((name) => [
        `${name}-key=${uri};type=private?pin-source=file:${join(hsm, pin)}`,
        ...[`${name}-key-source=provider:pkcs11`, `${name}-certificate-source=provider:pkcs11`],
        `${name}-certificate=${uri};type=cert`,
      ]),
    ];

    beforeAll(() => {
      mkdirSync(join(hsm, "tokens"));
      writeFileSync(join(hsm, "softhsm2.conf"), `directories.tokendir = ${hsm}/tokens\n`);
      writeTree(hsm, { pin: "1234", "wrong-pin": "4321" });
      execFileSync("cp", ["-r", join(more.directory, "usr"), join(hsm, "more")]);
      for (const name of ["mkosi.key", "mkosi.crt"]) execFileSync("cp", [join(directory, name), hsm]);
      runInToolsTree(
        `export SOFTHSM2_CONF=$PWD/softhsm2.conf PATH=$PWD/more/bin:$PATH LD_LIBRARY_PATH=$PWD/more/lib/x86_64-linux-gnu
         module=$PWD/more/lib/softhsm/libsofthsm2.so
         softhsm2-util --module $module --init-token --free --label signing --pin 1234 --so-pin 1234
         openssl pkcs8 -topk8 -nocrypt -in mkosi.key -out key
         softhsm2-util --module $module --import key --token signing --label boot --id 01 --pin 1234
         openssl x509 -in mkosi.crt -outform DER -out crt
         pkcs11-tool --module $module --token-label signing --login --pin 1234 --write-object crt --type cert --id 01 --label boot
         rm -r key mkosi.key more`,
        hsm,
      );
    });

    test("boot loader, kernel image, PCR values and root hash are signed all the same", async () => {
      await build("--output=token", ...VERITY_OPTIONS, ...token("pin"));
      expect(verified("out/token.efi")).toContain("Signature verification OK");
      const sections = JSON.parse(inTools("ukify --json=short inspect out/token.efi")) as Record<
        string,
        { text: string }
      >;
      expect(createPublicKey(sections[".pcrpkey"]?.text ?? "").equals(certificate().publicKey)).toBe(true);
      expect(sections[".pcrsig"]?.text).toContain('"sig"');
      expectVerity("out/token", readFileSync(out("token.roothash"), "utf8"), certificate());
      inTools("mcopy -n -i out/token.raw@@1M ::/EFI/BOOT/BOOTX64.EFI loader; sbverify --cert mkosi.crt loader");
    });

    test("a token that does not let us in is told of before anything is built", async () => {
      const { status, stderr } = await mkosi(["-f", ...options(), "--output=no", ...token("wrong-pin")], {
        cwd: directory,
      });
      expect(stderr).toMatch(/the key of SecureBootKey= and its certificate cannot be had from provider:pkcs11/);
      expect(stderr).toContain("SandboxTrees=");
      expect(status).toBe(1);
      expect(readdirSync(out()).filter((name) => name.startsWith("no"))).toEqual([]);
    });
  });

  test.each([
    [["--secure-boot-key="], /SecureBoot=yes needs SecureBootKey=, which is not set[\s\S]*mkosi genkey/],
    [["--secure-boot-certificate=old.crt"], /old\.crt is not one of the key .*mkosi\.key/],
    [["--secure-boot-key=none.key"], /SecureBootKey=none\.key: does not exist/],
    [["--sign-expected-pcr-key-source=engine:pkcs11"], /must be the same[\s\S]*SecureBootKeySource=/],
    [["--verity=signed"], /Verity=signed, but no partition is one for a verity signature/],
  ])("what cannot be signed is told of before anything is built: %j", async (own, message) => {
    const names = readdirSync(directory).toSorted();
    const before = takeSnapshot();
    const { status, stderr } = await mkosi(["-f", ...options(), "--output=wrong", ...own], { cwd: directory });
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
    expect(readdirSync(directory).toSorted()).toEqual(names);
    expect(await before.leftovers()).toEqual([]);
  });

  // Emulated, with System Management Mode.
  describe.skipIf(runs(1) === 1)("firmware with our certificate alone", () => {
    const boot = async (stopAt: RegExp, ...own: string[]): Promise<Finished> =>
      await mkosi([...options(), ...own, "vm"], {
        cwd: directory,
        timeout: 300,
        onOutput: (text, child) => {
          if (stopAt.test(text)) child.kill("SIGTERM");
        },
      });

    beforeAll(async () => {
      inTools(`cp -r initrd /tmp/initrd; cd /tmp/initrd; mkdir bin dev; cp ${busybox()} bin/busybox
        find . | cpio --create --format=newc --quiet >${directory}/initrd.cpio`);
      await build();
    });

    function busybox(): string {
      return execFileSync("find", ["cache", "-path", "*usr/bin/busybox"], { cwd: directory, encoding: "utf8" })
        .split("\n", 1)
        .map((path) => join(directory, path))
        .join("");
    }

    test("starts the image, and the kernel knows that it was checked", async () => {
      const { status, stdout, stderr } = await boot(/(?!)/);
      expect(stdout + stderr).toMatch(/Secure boot enabled[\s\S]*INITRD-IS-UP/);
      expect(status).toBe(0);
    });

    test("has it enrolled by the boot loader where there are no keys yet", async () => {
      const { status, stdout, stderr } = await boot(/(?!)/, "--firmware-variables=");
      expect(stdout + stderr).toMatch(/Enrolling secure boot keys[\s\S]*Secure boot enabled[\s\S]*INITRD-IS-UP/);
      expect(status).toBe(0);
    });

    test("refuses it when one byte of the kernel image has changed", async () => {
      inTools(`program=$(mdir -b -i out/image.raw@@1M ::/EFI/Linux | tail -n 1); rm -f program
        mcopy -n -i out/image.raw@@1M "$program" program
        printf X | dd of=program bs=1 seek=3000000 conv=notrunc status=none
        mcopy -o -i out/image.raw@@1M program "$program"`);
      const { stdout, stderr } = await boot(/No bootable option/);
      expect(stdout + stderr).toMatch(/Error loading .*debian-6.*efi: Access denied/);
      expect(stdout + stderr).not.toContain("INITRD-IS-UP");
    });
  });
});
