// Output formats and what goes beside them, made of a tree without packages and read back by other programs: OCI images
// by skopeo and podman, partitions by sfdisk, blkid, dump.erofs, unsquashfs, cryptsetup and veritysetup, archives by tar and cpio.

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeExpired, makePair } from "../signing/pairs.ts";
import { takeSnapshot } from "../support/cleanliness.ts";
import { type HelperTree, helperTree } from "../support/helper-tree.ts";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject, type Tree } from "../support/project.ts";
import { keptToolsTree, runInToolsTree } from "../support/tools-tree.ts";

const notRoot = process.getuid?.() !== 0;

const PROJECT: Tree = {
  "mkosi.conf": `[Distribution]
Distribution=custom
[Output]
ImageId=img
ImageVersion=3
Seed=6f2a0d3c-54a6-4c53-9b0e-5b1ad0e0a002
OutputDirectory=out
[Content]
Bootable=no
SourceDateEpoch=1700000000
KernelCommandLine=systemd.unit=rescue.target
[Validation]
Passphrase=passphrase
`,
  passphrase: "very secret",
  "mkosi.skeleton": {
    usr: { lib: { "os-release": "ID=tiny\nVERSION_ID=1\n" }, share: { text: "text\n".repeat(20_000) } },
    etc: { hostname: "tiny\n" },
    srv: { "boot.txt": "boot" },
  },
};

/** Its outputs' directory. */
async function build(options: readonly string[], more: Tree = {}): Promise<string> {
  const cwd = makeProject({ ...PROJECT, ...more });
  execFileSync("chmod", ["600", join(cwd, "passphrase")]);
  await mkosiOk(["-f", `--tools-tree=${keptToolsTree()}`, ...options], { cwd });
  return join(cwd, "out");
}

const partition = (lines: string) => `[Partition]\n${lines.trim()}\n`;

interface Partition {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly start: number;
}

function partitions(directory: string, image: string): readonly Partition[] {
  const text = execFileSync("sfdisk", ["--json", image], { cwd: directory, encoding: "utf8" });
  return (JSON.parse(text) as { partitiontable: { partitions: Partition[] } }).partitiontable.partitions;
}

describe.skipIf(notRoot)("output formats", () => {
  let helpers: HelperTree;
  let pairs = "";
  beforeAll(async () => {
    pairs = execFileSync("mktemp", ["-d", "/tmp/mkosi-test-XXXXXX"], { encoding: "utf8" }).trim();
    const { key } = makePair(pairs, "a");
    makePair(pairs, "b");
    makeExpired(pairs, "old", key);
    helpers = await helperTree(["skopeo", "podman", "crun", "busybox-static", "cryptsetup-bin"]);
  });
  afterAll(() => {
    helpers.remove();
    rmSync(pairs, { recursive: true });
  });

  test("an OCI image is one that skopeo reads and copies, with labels and annotations", async () => {
    const config = "[Output]\nFormat=oci\nOciLabels=own.label=one other=two\nOciAnnotations=own.note=note\n";
    const out = await build([], { "mkosi.conf.d": { "10-oci.conf": config } });
    expect(readdirSync(out).toSorted()).toEqual(["img_3"]);
    const layout = `oci:${out}/img_3`;
    const about = JSON.parse(helpers.run(`skopeo inspect ${layout}`, out)) as Record<string, unknown>;
    expect(about).toMatchObject({ Os: "linux", Architecture: "amd64", Created: "2023-11-14T22:13:20Z" });
    expect(about["Labels"]).toEqual({ "own.label": "one", other: "two" });
    const manifest = JSON.parse(helpers.run(`skopeo inspect --raw ${layout}`, out)) as Record<string, unknown>;
    expect(manifest["annotations"]).toMatchObject({
      "own.note": "note",
      "org.opencontainers.image.version": "3",
    });
    const config2 = JSON.parse(helpers.run(`skopeo inspect --config ${layout}`, out)) as { config: unknown };
    expect(config2.config).toMatchObject({ Cmd: ["/sbin/init", "systemd.unit=rescue.target"] });
    // It checks all digests, also of what is compressed.
    helpers.run(`skopeo --insecure-policy copy ${layout} docker-archive:${out}/copy.tar`, out);
    const layer = execFileSync("tar", ["-tf", "copy.tar"], { cwd: out, encoding: "utf8" }).match(
      /^[0-9a-f]{64}\.tar$/m,
    );
    const files = execFileSync("sh", ["-c", `tar -xOf copy.tar ${layer?.[0]} | tar -t`], {
      cwd: out,
      encoding: "utf8",
    });
    expect(files).toContain("./usr/lib/os-release");
  });

  // Without network, control groups and overlayfs, which this container does not have to give.
  test.each(["gz", "zstd"])("podman loads and runs an OCI image, compressed by %s", async (compressor) => {
    const cwd = makeProject({
      ...PROJECT,
      "mkosi.extra/sbin/init": `#!/bin/busybox sh\n. /usr/lib/os-release; echo "STARTED $* $ID $IMAGE_VERSION"\n`,
      "mkosi.extra/bin": {},
    });
    chmodSync(join(cwd, "passphrase"), 0o600);
    chmodSync(join(cwd, "mkosi.extra/sbin/init"), 0o755);
    helpers.run("cp /usr/bin/busybox mkosi.extra/bin", cwd);
    await mkosiOk([`--tools-tree=${keptToolsTree()}`, "--format=oci", `--compress-output=${compressor}`], { cwd });
    const podman = "podman --root /run/store --runroot /run/runroot --storage-driver vfs --cgroup-manager cgroupfs";
    const run = "run --network=none --cgroups=disabled --security-opt seccomp=unconfined";
    const said = helpers.run(`${podman} --events-backend none --runtime crun ${run} oci:$PWD/out/img_3`, cwd);
    expect(said).toBe("STARTED systemd.unit=rescue.target tiny 3\n");
  });

  test.each([
    ["disk", "zstd", "img_3.raw.zst", "zstd -t"],
    ["tar", "xz", "img_3.tar.xz", "xz -t"],
    ["cpio", "gz", "img_3.cpio.gz", "gzip -t"],
    ["sysext", "bz2", "img_3.raw.bz2", "bzip2 -t"],
    ["tar", "lzma", "img_3.tar.lzma", "xz -t --format=lzma"],
    ["directory", "zstd", "img_3", "test -d"],
    ["oci", "zstd", "img_3", "test -d"],
  ])("%s is compressed by %s as far as the format has it", async (format, compressor, name, check) => {
    const out = await build([`--format=${format}`, `--compress-output=${compressor}`, "--compress-level=1"]);
    const others = name === "img_3" ? [] : ["img_3"];
    expect(readdirSync(out).toSorted()).toEqual([...others, name].toSorted());
    if (others.length > 0) expect(readlinkSync(join(out, "img_3"))).toBe(name);
    runInToolsTree(`${check} ${name}`, out);
  });

  test("CompressLevel= makes them smaller, OutputExtension= and OutputMode= are heeded", async () => {
    const one = await build(["-t", "tar", "--compress-level=1", "--output-extension=mine", "--output-mode=640"]);
    const nineteen = await build(["-t", "tar", "--compress-level=19", "--output-extension=mine"]);
    const size = (directory: string) => statSync(join(directory, "img_3.mine.zst")).size;
    expect(size(nineteen)).toBeLessThan(size(one));
    expect(statSync(join(one, "img_3.mine.zst")).mode & 0o777).toBe(0o640);
  });

  test("a disk with all that partition definitions can ask for", async () => {
    const out = await build(["--split-artifacts=partitions,tar,os-release,repart-definitions,roothash"], {
      "mkosi.repart": {
        "10-root.conf": partition(
          "Type=root\nFormat=ext4\nEncrypt=key-file\nCopyFiles=/etc\nSizeMinBytes=32M\nSizeMaxBytes=32M",
        ),
        "20-usr.conf": partition(
          "Type=usr\nFormat=erofs\nCopyFiles=/usr:/\nMinimize=best\nVerity=data\nVerityMatchKey=usr",
        ),
        "21-usr-verity.conf": partition("Type=usr-verity\nVerity=hash\nVerityMatchKey=usr\nMinimize=best"),
        "30-swap.conf": partition("Type=swap\nFormat=swap\nSizeMinBytes=16M\nSizeMaxBytes=16M"),
        "40-xbootldr.conf": partition(
          "Type=xbootldr\nFormat=vfat\nCopyFiles=/srv:/\nSizeMinBytes=40M\nSizeMaxBytes=40M",
        ),
        "50-srv.conf": partition("Type=srv\nFormat=squashfs\nCopyFiles=/srv:/\nMinimize=best\nSplitName=srv"),
      },
    });
    expect(readdirSync(out).toSorted()).toEqual(
      [
        ...["img_3", "img_3.osrelease", "img_3.raw", "img_3.repart.d", "img_3.roothash", "img_3.root-x86-64.raw"],
        ...["img_3.srv.raw", "img_3.swap.raw", "img_3.tar", "img_3.usr-x86-64-verity.raw", "img_3.usr-x86-64.raw"],
        "img_3.xbootldr.raw",
      ].toSorted(),
    );
    const table = partitions(out, "img_3.raw");
    expect(table.map(({ name }) => name)).toEqual([
      ...["root-x86-64", "usr-x86-64", "usr-x86-64-verity", "swap", "xbootldr", "srv"],
    ]);
    const type = (name: string) =>
      execFileSync("blkid", ["--probe", "--match-tag", "TYPE", "--output", "value", `img_3.${name}.raw`], {
        cwd: out,
        encoding: "utf8",
      }).trim();
    expect(["root-x86-64", "usr-x86-64", "swap", "xbootldr", "srv"].map(type)).toEqual([
      ...["crypto_LUKS", "erofs", "swap", "vfat", "squashfs"],
    ]);
    helpers.run(
      `printf %s "very secret" | cryptsetup open --test-passphrase --key-file=- img_3.root-x86-64.raw
       ! printf wrong | cryptsetup open --test-passphrase --key-file=- img_3.root-x86-64.raw
       veritysetup verify img_3.usr-x86-64.raw img_3.usr-x86-64-verity.raw "$(cat img_3.roothash)"`,
      out,
    );
    expect(
      runInToolsTree(
        "dump.erofs --path=/lib/os-release img_3.usr-x86-64.raw; unsquashfs -ll img_3.srv.raw; fsck.erofs img_3.usr-x86-64.raw; fsck.vfat -n img_3.xbootldr.raw",
        out,
      ),
    ).toContain("boot.txt");
    expect(readFileSync(join(out, "img_3.osrelease"), "utf8")).toContain('IMAGE_VERSION="3"');
    expect(execFileSync("tar", ["-tf", "img_3.tar"], { cwd: out, encoding: "utf8" })).toContain("./etc/hostname");
    expect(readdirSync(join(out, "img_3.repart.d"))).toHaveLength(6);
  });

  test("a warning tells of what systemd-repart passes over in a definition", async () => {
    const cwd = makeProject({
      ...PROJECT,
      "mkosi.repart/10-root.conf": partition("Type=root\nFormat=ext4\nEncrypt=some"),
    });
    execFileSync("chmod", ["600", join(cwd, "passphrase")]);
    const { stderr } = await mkosiOk(["-f", `--tools-tree=${keptToolsTree()}`], { cwd });
    const warnings = stderr.split("\n").filter((line) => line.startsWith("warning: "));
    expect(warnings).toEqual([
      expect.stringMatching(/^warning: image main: .*mkosi\.repart\/10-root\.conf:4: .*Encrypt=some, ignoring/),
    ]);
  });

  test("a btrfs root with a subvolume, made on a loop device (RepartOffline=no)", async () => {
    const out = await build(["--repart-offline=no", "--split-artifacts=partitions"], {
      "mkosi.repart": {
        "10-root.conf": partition(
          "Type=root\nFormat=btrfs\nCopyFiles=/\nSubvolumes=/srv\nSizeMinBytes=128M\nSizeMaxBytes=128M",
        ),
      },
    });
    const mounted = runInToolsTree(
      "btrfs check --readonly img_3.root-x86-64.raw 2>&1; btrfs inspect-internal dump-tree -t root img_3.root-x86-64.raw",
      out,
    );
    expect(mounted).toMatch(/no error found[\s\S]*name: srv|no error found[\s\S]*ROOT_REF[\s\S]*srv/);
  });

  test("a disk that can be booted as a CD says so, with its identifiers", async () => {
    const options = [
      "--el-torito=yes",
      "--el-torito-volume=VOL",
      "--el-torito-system=SYS",
      "--el-torito-publisher=PUB",
    ];
    const out = await build(options, {
      "mkosi.repart": {
        "00-esp.conf": partition("Type=esp\nFormat=vfat\nCopyFiles=/srv:/\nSizeMinBytes=40M\nSizeMaxBytes=40M"),
      },
    });
    const signatures = execFileSync("wipefs", ["--json", "img_3.raw"], { cwd: out, encoding: "utf8" });
    const found = (JSON.parse(signatures) as { signatures: { type: string; label: string }[] }).signatures;
    expect(found).toContainEqual(expect.objectContaining({ type: "iso9660", label: "VOL" }));
    expect(found.map(({ type }) => type)).toContain("gpt");
    const descriptors = readFileSync(join(out, "img_3.raw"))
      .subarray(16 * 2048, 18 * 2048)
      .toString("latin1");
    for (const text of ["SYS ", "PUB ", "EL TORITO SPECIFICATION"]) expect(descriptors).toContain(text);
  });

  test("a disk image is a tree like others, with owners, modes and attributes", async () => {
    const postinst =
      "#!/bin/sh\nchown 7:8 $BUILDROOT/srv/boot.txt\nchmod 4750 $BUILDROOT/srv/boot.txt\nsetfattr -n user.x -v y $BUILDROOT/srv/boot.txt\n";
    const disk = await build([], { "mkosi.postinst": postinst });
    const trees = `--extra-tree=${disk}/img_3.raw,${disk}/img_3.raw:/opt/other`;
    const out = await build(["--format=directory", trees, "--skeleton-tree="], {
      "mkosi.skeleton/usr/lib/os-release": "ID=other\n",
    });
    const text = (path: string) =>
      execFileSync("stat", ["--format=%a %u:%g", path], { cwd: join(out, "img_3"), encoding: "utf8" });
    expect(text("srv/boot.txt")).toBe("4750 7:8\n");
    expect(text("opt/other/srv/boot.txt")).toBe("4750 7:8\n");
    expect(
      execFileSync("getfattr", ["-d", "opt/other/srv/boot.txt"], { cwd: join(out, "img_3"), encoding: "utf8" }),
    ).toContain('user.x="y"');
    expect(existsSync(join(out, "img_3/lost+found"))).toBe(false);
  });

  test("OutputSize= is the disk's, and one that is too small is told of", async () => {
    const large = await build(["--output-size=600M"]);
    expect(statSync(join(large, "img_3.raw")).size).toBe(600 * 1024 * 1024);
    const cwd = makeProject(PROJECT);
    execFileSync("chmod", ["600", join(cwd, "passphrase")]);
    const { status, stderr } = await mkosi(["-f", `--tools-tree=${keptToolsTree()}`, "--output-size=1M"], { cwd });
    expect(stderr).toMatch(/does not fit into OutputSize=: it has .*, and 1(\.0)? MiB are allowed/);
    expect(status).toBe(1);
    expect(readdirSync(join(cwd, "out"))).toEqual([]);
  });

  test.each([
    [
      "a definition that systemd-repart refuses",
      { "10-root.conf": partition("Type=nonsense\nFormat=ext4") },
      [],
      /partition of 10-root\.conf: .*nonsense\n +at: mkosi\.repart\/10-root\.conf:2:1/,
    ],
    [
      "a file system that nothing makes",
      { "10-root.conf": partition("Type=root\nFormat=ext5") },
      [],
      /partition of 10-root\.conf\n +at: mkosi\.repart\/10-root\.conf:3:1\n.*mkfs binary for ext5 not available/,
    ],
    [
      "files that are not in the tree",
      {
        "00-esp.conf": partition("Type=esp\nFormat=vfat\nSizeMinBytes=40M"),
        "10-root.conf": partition("Type=root\nFormat=erofs\nMinimize=best\nCopyFiles=/srv/nowhere:/"),
      },
      [],
      /at: mkosi\.repart\/10-root\.conf:5:1[\s\S]*No such file or directory/,
    ],
    [
      "a bootable image without a kernel",
      {},
      ["--bootable=yes", "--bootloader=none", "--initrd=passphrase"],
      /must be bootable, but there is no kernel in its \/usr\/lib\/modules\n +at: command line option --bootable/,
    ],
    [
      "a key of another certificate",
      {},
      ["--format=sysext", "--verity=signed", "--verity-key=a.key", "--verity-certificate=b.crt"],
      /the certificate .*\/b\.crt is not one of the key .*\/a\.key\n +at: command line option --verity-certificate/,
    ],
    [
      "a certificate that has expired",
      {},
      ["--format=sysext", "--verity=signed", "--verity-key=a.key", "--verity-certificate=old.crt"],
      /the certificate .*\/old\.crt has expired \(Jan +1 00:00:00 2021 GMT\)\n +at: command line option --verity-certificate/,
    ],
    ["an OCI image by xz", {}, ["--format=oci", "--compress-output=xz"], /OCI images are not compressed by xz/],
    ["a passphrase that is not there", {}, ["--passphrase=nowhere"], /the passphrase file .*nowhere does not exist/],
    ["packages without a distribution", {}, ["--package=bash"], /Distribution=custom has no packages/],
    ["a kernel that is not there", {}, ["--format=uki"], /there is no kernel in its \/usr\/lib\/modules/],
    ["an add-on without a stub", {}, ["--format=addon"], /systemd-stub is not in it/],
  ])("%s ends the build with one error, and nothing is left", async (_what, repart, options, message) => {
    const cwd = makeProject({
      ...PROJECT,
      ...(Object.keys(repart).length === 0 ? {} : { "mkosi.repart": repart as Tree }),
    });
    execFileSync("chmod", ["600", join(cwd, "passphrase")]);
    for (const name of readdirSync(pairs)) copyFileSync(join(pairs, name), join(cwd, name));
    const before = takeSnapshot();
    const { status, stderr } = await mkosi(["-f", `--tools-tree=${keptToolsTree()}`, ...options], { cwd });
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
    expect(existsSync(join(cwd, "out")) ? readdirSync(join(cwd, "out")) : []).toEqual([]);
    expect((await before.leftovers()).filter((entry) => !entry.includes("/var/tmp/mkosi-workspace"))).toEqual([]);
  });
});
