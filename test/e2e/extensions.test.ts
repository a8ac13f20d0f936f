// Extensions on top of base trees: the example of mkosi's announcement word for word, built by this program and by the
// original, read by systemd-dissect and merged by systemd-sysext; base trees of all kinds, and what is wrong with them.

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { peer } from "../../bench/programs.ts";
import { takeSnapshot } from "../support/cleanliness.ts";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { peerMissing } from "../support/peer.ts";
import { makeProject, type Tree, writeTree } from "../support/project.ts";
import { keptToolsTree, runInToolsTree } from "../support/tools-tree.ts";

const notRoot = process.getuid?.() !== 0;
const peerReason = notRoot ? "the original is run as root" : peerMissing();
const OPTIONS = ["-f", "--distribution=debian", "--release=trixie", "--format=none"];

/** https://0pointer.net/blog/a-re-introduction-to-mkosi-a-tool-for-generating-os-images.html */
const BLOG: Tree = {
  "mkosi.conf": `[Output]
OutputDirectory=mkosi.output
CacheDirectory=mkosi.cache
`,
  "mkosi.images": {
    base: {
      "mkosi.conf": `[Output]
Format=directory

[Content]
CleanPackageMetadata=no
Packages=systemd
         udev
`,
    },
    btrfs: {
      "mkosi.conf": `[Config]
Dependencies=base

[Output]
Format=sysext
Overlay=yes

[Content]
BaseTrees=%O/base
Packages=btrfs-progs
`,
    },
  },
};

describe.skipIf(notRoot)("the example of a system extension", () => {
  let directory = "";
  let output = "";

  beforeAll(async () => {
    directory = execFileSync("mktemp", ["-d", "/tmp/mkosi-test-XXXXXX"], { encoding: "utf8" }).trim();
    output = join(directory, "mkosi.output");
    writeTree(directory, BLOG);
    // Its base is a directory; the main image is whatever the distribution gives, here for nobody.
    await build();
    return () => rmSync(directory, { recursive: true, force: true });
  });

  const build = async () => {
    const { stdout, stderr } = await mkosiOk([...OPTIONS, "-i", `--tools-tree=${keptToolsTree()}`], { cwd: directory });
    return stdout + stderr;
  };

  test("is an image for systemd-sysext with nothing but /usr and /opt", () => {
    expect(readdirSync(output).toSorted()).toEqual(["base", "btrfs", "btrfs.raw"]);
    const dissected = runInToolsTree("systemd-dissect --json=short btrfs.raw", output, true);
    expect(JSON.parse(dissected)).toMatchObject({
      name: "btrfs.raw",
      useSystemExtension: true,
      usePortableService: false,
    });
    const paths = namesIn(output, "btrfs.raw");
    expect(new Set(paths.map((path) => path.split("/")[1]))).toEqual(new Set(["", "usr"]));
    expect(paths).toContain("./usr/bin/btrfs");
    expect(paths).not.toContain("./usr/lib/os-release");
  });

  test("merges with systemd-sysext, and the program runs in the base system", () => {
    const said = runInToolsTree(
      `cp -a base system; mkdir -p system/var/lib/extensions; cp btrfs.raw system/var/lib/extensions/
       mount --make-rshared /
       systemd-sysext --root="$PWD/system" merge
       chroot system btrfs --version
       systemd-sysext --root="$PWD/system" unmerge
       chroot system btrfs --version 2>&1 || echo gone
       rm -r system`,
      output,
      true,
    );
    expect(said).toMatch(/^btrfs-progs v[\s\S]*\ngone$/m);
  });

  test("is not built again when nothing has changed, and is when its base has", async () => {
    const again = await build();
    expect(again).toMatch(/btrfs +Kept: .*Packing/);
    expect(again).not.toContain("Fetching");
    writeTree(join(directory, "mkosi.images/base/mkosi.extra"), {
      usr: { share: { man: { man8: { "btrfs.8.gz": "of the base" } } } },
    });
    const changed = await build();
    expect(changed).not.toMatch(/btrfs +Kept: .*Packing/);
    expect(namesIn(output, "btrfs.raw")).not.toContain("./usr/share/man/man8/btrfs.8.gz");
    rmSync(join(directory, "mkosi.images/base/mkosi.extra"), { recursive: true });
  });
});

/** The smallest tree that says what it is, and has files of several owners. */
function makeBase(directory: string): void {
  execFileSync(
    "sh",
    [
      "-ec",
      `mkdir -p base/usr/lib base/usr/bin base/etc base/usr/share/common; cd base
       ln -s usr/bin bin; ln -s ../usr/lib/os-release etc/os-release
       printf 'ID=debian\\nVERSION_ID=13\\nSYSEXT_LEVEL=2\\n' >usr/lib/os-release
       echo base >usr/share/common/file; chown 7:8 usr/share/common/file; chmod 2750 usr/share/common
       setfattr -n user.mark -v x usr/share/common/file`,
    ],
    { cwd: directory },
  );
}

const onBase = (base: string): Tree => ({
  "mkosi.conf": `[Distribution]
Distribution=debian
Release=trixie
[Output]
Format=directory
Output=out
[Content]
BaseTrees=${base}
`,
  "mkosi.extra": { bin: { added: "added" }, usr: { share: { common: { file: "changed" } } } },
});

/** Without times. */
function listingOf(directory: string): string {
  return execFileSync("sh", ["-c", "find . -printf '%P %y %m %U:%G %l\\n' | LC_ALL=C sort"], {
    cwd: directory,
    encoding: "utf8",
  });
}

describe.skipIf(notRoot)("base trees", () => {
  const tools = `--tools-tree=${keptToolsTree()}`;
  const project = (base: string) => makeProject(onBase(base));

  test("may be directories, archives and disk images, and all give the same tree with owners and attributes", async () => {
    const kinds = {
      base: "true",
      "base.tar.gz": "tar --xattrs -C base -czf base.tar.gz . && rm -r base",
      "base.raw": "mke2fs -q -t ext4 -d base base.raw 16M && rm -r base",
    };
    const trees: string[] = [];
    for (const [name, make] of Object.entries(kinds)) {
      const cwd = project(name);
      makeBase(cwd);
      execFileSync("sh", ["-ec", make], { cwd });
      await mkosiOk(["-f", tools], { cwd });
      const root = join(cwd, "out");
      rmSync(join(root, "lost+found"), { recursive: true, force: true });
      trees.push(listingOf(root));
      expect(readFileSync(join(root, "usr/bin/added"), "utf8")).toBe("added");
      expect(readFileSync(join(root, "usr/share/common/file"), "utf8")).toBe("changed");
      if (name === "base") expect(readFileSync(join(cwd, "base/usr/share/common/file"), "utf8")).toBe("base\n");
    }
    expect(trees[0]).toMatch(/^usr\/share\/common d 2750 0:0/m);
    expect(trees).toEqual([trees[0], trees[0], trees[0]]);
  });

  test("below an overlay: what they have is left out, changed or removed or not", async () => {
    const cwd = project("base");
    makeBase(cwd);
    const before = listingOf(join(cwd, "base"));
    await mkosiOk(["-f", tools, "--overlay=yes", "--remove-files=/usr/share/none"], { cwd });
    expect(
      listingOf(join(cwd, "out"))
        .split("\n")
        .map((line) => line.trim()),
    ).toEqual([
      ...["d 755 0:0", "usr d 755 0:0", "usr/bin d 755 0:0", "usr/bin/added f 644 0:0", "usr/share d 755 0:0"],
      ...["usr/share/common d 2750 0:0", ""],
    ]);
    expect(listingOf(join(cwd, "base"))).toBe(before);
  });

  test("of which one is changed make another image, with Incremental=, too", async () => {
    const cwd = project("base");
    makeBase(cwd);
    const options = ["-f", "-i", tools, `--cache-directory=${join(cwd, "cache")}`];
    await mkosiOk(options, { cwd });
    const again = await mkosiOk(options, { cwd });
    expect(again.stdout + again.stderr).toMatch(/Kept: .*Packing/);
    execFileSync("chown", ["9:9", join(cwd, "base/usr/lib/os-release")]);
    writeTree(cwd, { base: { usr: { new: "new" } } });
    await mkosiOk(options, { cwd });
    expect(listingOf(join(cwd, "out"))).toMatch(/^usr\/lib\/os-release f 644 9:9/m);
    expect(readFileSync(join(cwd, "out/usr/new"), "utf8")).toBe("new");
  });

  test.each([
    ["none.tar", [], /the base tree .*none\.tar does not exist[\s\S]*mkosi\.conf:8/],
    ["", ["--overlay=yes"], /Overlay=yes needs base trees/],
    ["", ["--format=sysext", "--package=bash"], /packages of its own only on top of base trees/],
    ["broken.tar", [], /broken\.tar cannot be copied into the image/],
    ["file", [], /file is neither a directory nor a tar archive nor a disk image/],
    ["base", ["--overlay=yes", "--format=portable"], /a portable service is a whole image/],
    ["odd", ["--overlay=yes"], /\/usr\/share\/common is a directory, but none in its base trees/],
  ])("that are no good (%s %s) are told of, and nothing is left", async (name, options, message) => {
    const cwd = project(name);
    makeBase(cwd);
    writeTree(cwd, {
      "broken.tar": "no archive",
      file: "",
      odd: { usr: { share: { common: "a file" }, lib: { "os-release": "ID=x\n" } } },
    });
    const names = readdirSync(cwd).toSorted();
    const before = takeSnapshot();
    const { status, stderr } = await mkosi(["-f", tools, ...options], { cwd });
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
    expect(readdirSync(cwd).toSorted()).toEqual(names);
    expect(await before.leftovers()).toEqual([]);
  });
});

describe.skipIf(notRoot || peerReason !== undefined)("beside the original", () => {
  test.each(["sysext", "confext", "portable"])("a %s has the same files", async (format) => {
    const config: Tree = {
      "mkosi.conf": `[Distribution]
Distribution=debian
Release=trixie
[Output]
Format=${format}
ImageId=ext
ImageVersion=2
ManifestFormat=json
Overlay=${format === "portable" ? "no" : "yes"}
[Content]
BaseTrees=base
SourceDateEpoch=1700000000
`,
      "mkosi.extra": {
        usr: { bin: { tool: "tool" }, share: { common: { file: "changed", new: "new" } } },
        etc: { "own.conf": "own", empty: {} },
        opt: { vendor: { file: "vendor" } },
        var: { lib: { state: "state" } },
      },
    };
    const [mine, peers] = [makeProject(config), makeProject(config)];
    for (const cwd of [mine, peers]) {
      makeBase(cwd);
      mkdirSync(join(cwd, "mkosi.extra/etc/empty"), { recursive: true });
      // Files that extra trees replace have the owner of the former there, and root here.
      execFileSync("chown", ["0:0", "base/usr/share/common/file"], { cwd });
    }
    await mkosiOk(["-f", `--tools-tree=${keptToolsTree()}`], { cwd: mine });
    await peer(makeProject(), keptToolsTree()).run(["-f"], peers, false);
    expect(readdirSync(mine).toSorted()).toEqual(readdirSync(peers).toSorted());
    // systemd-sysusers, which leaves this, is not run where nothing is declared.
    const others = contents(peers, "ext_2.raw").filter((line) => !line.startsWith("./etc/.pwd.lock "));
    expect(contents(mine, "ext_2.raw")).toEqual(others);
    if (format === "portable") return; // without packages there is nothing to list
    const manifest = (cwd: string) => JSON.parse(readFileSync(join(cwd, "ext_2.manifest"), "utf8")) as unknown;
    expect(manifest(mine)).toEqual(manifest(peers));
  });
});

/** What systemd-dissect says of each file in an image, without times: `./usr/bin/btrfs type=file mode=0755 …`. */
function contents(directory: string, image: string): readonly string[] {
  const lines = runInToolsTree(`systemd-dissect --mtree ${image}`, directory, true).trimEnd().split("\n");
  return lines.map((line) => line.replace(/ time=\S+/, ""));
}

function namesIn(directory: string, image: string): readonly string[] {
  return contents(directory, image).map((line) => line.split(" ", 1)[0] ?? "");
}
