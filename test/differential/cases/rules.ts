// The finer rules: every comparison of versions and patterns, conditions where they are unusual, files in unusual
// places, flags and verbs.

import { type Case, directory, type FileSpec, ini } from "../case.ts";

const D = "[Distribution]\nDistribution=debian\nRelease=trixie\n";
const TOOLS = { PrepareScripts: "the original's tools tree has a script" };

/** A project whose drop-ins each have a condition, and a package that tells whether it held. */
function conditions(name: string, main: string, wanted: readonly string[], files: Case["files"] = {}): Case {
  const dropIns = wanted.map((condition, index): [string, FileSpec] => [
    `mkosi.conf.d/${String(index).padStart(3, "0")}.conf`,
    `[Match]\n${condition}\n[Content]\nPackages=p${index}\n`,
  ]);
  return { name, files: { "mkosi.conf": `${D}${main}`, ...Object.fromEntries(dropIns), ...files } };
}

const VERSIONS = [
  ...["1", "1.0", "1.2", "1.2.3", "1.10", "01.2", "1.2.", "1..2", "2", "10"],
  ...["1.2~rc1", "1.2~rc2", "1.2~", "1.2^1", "1.2^", "1.2^1~1", "1.2-1", "1.2-3", "1.2.3-1"],
  ...["1.2a", "1.2b", "1.2rc1", "v1", "a", "B", "1_2", "1+2", "20250101", "1.2!3", "~", "^", "-", "."],
];
const OPERATORS = ["", "==", "!=", "<", "<=", ">", ">="];

const versions = ["1.2", "1.2~rc1", "1.2^1", "1.2-3", "1.2a", "10", "v1", "1..2"].map((version) =>
  conditions(
    `every comparison with version ${version}`,
    `[Output]\nImageVersion=${version}\n`,
    VERSIONS.flatMap((other) => OPERATORS.map((operator) => `ImageVersion=${operator}${other}`)),
  ),
);

const PATTERNS = [
  ...["a-b.c", "*", "a*", "*c", "a*c", "?????", "????", "a?b.c", "a[-]b.c", "a[!-]b.c", "a[!x]b.c", "[a-z]-b.c"],
  ...["[z-a]*", "[]a]*", "[", "a-b[.]c", "A-b.c", "a-b*c*", "**", "a\\-b.c", "[!]a]*", "a-b.c*?", "[a-]*", "[a-b-c]*"],
];

/** What stands in [Match] of a file, with what the file says if it holds. */
const single = (name: string, section: string, ...lines: readonly string[]): Case => ({
  name,
  files: {
    "mkosi.conf": `${D}[Output]\nImageId=abc\nImageVersion=1.2\n`,
    "mkosi.conf.d/x.conf": `${section}\n${lines.join("\n")}\n[Content]\nPackages=matched\n`,
  },
});

const refused = (name: string, files: NonNullable<Case["files"]>, argv: readonly string[] = []): Case => ({
  name: `refused: ${name}`,
  refused: true,
  files: { "mkosi.conf": D, ...files },
  argv,
});

const matching: readonly Case[] = [
  conditions(
    "patterns",
    "[Output]\nImageId=a-b.c\n",
    PATTERNS.flatMap((pattern) => [`ImageId=${pattern}`, `ImageId=!${pattern}`]),
  ),
  conditions("conditions about settings without value", "", [
    ...[
      "ImageId=",
      "ImageId=*",
      "ImageId=!x",
      "ImageVersion=",
      "ImageVersion=>1",
      "ImageVersion=!1",
      "ImageVersion=!=",
    ],
    ...["Profiles=", "Profiles=x", "Repositories=", "Repositories=!x", "BuildSources=.", "BuildSources=x"],
    ...["Environment=A", "Environment=!A", "Environment=A=", "ToolsTreeRelease=x", "Bootloader=none", "Release=*"],
  ]),
  conditions(
    "conditions about collections",
    "[Config]\nProfiles=a,b\n[Distribution]\nRepositories=x y\n[Build]\nBuildSources=src:k/l src\nEnvironment=A=1 B= C=x=y\n",
    [
      ...["Profiles=a", "Profiles=b", "Profiles=a,b", "Profiles=!a", "Profiles=|a", "Profiles=|c", "Profiles="],
      ...[
        "Repositories=x",
        "Repositories=y",
        "Repositories=x y",
        "BuildSources=k/l",
        "BuildSources=/k/l",
        "BuildSources=k",
      ],
      ...[
        "Environment=A",
        "Environment=A=1",
        "Environment=A=2",
        "Environment=B",
        "Environment=B=",
        "Environment=C=x=y",
      ],
    ],
    { "src/x": "", "mkosi.profiles/a.conf": "" },
  ),
  conditions(
    "conditions about features and words",
    "[Content]\nBootable=yes\nBootloader=grub\n[Output]\nFormat=disk\n",
    [
      ...[
        "Bootable=yes",
        "Bootable=true",
        "Bootable=enabled",
        "Bootable=1",
        "Bootable=no",
        "Bootable=auto",
        "Bootable=!no",
      ],
      ...[
        "Bootloader=grub",
        "Bootloader=!uki",
        "Format=disk",
        "Format=|tar",
        "Architecture=x86-64",
        "Architecture=!uefi",
      ],
      ...[
        "HostArchitecture=x86-64",
        "HostArchitecture=!arm64",
        "ToolsTreeDistribution=debian",
        "Image=main",
        "Image=!main",
      ],
      ...[
        "Architecture=|uefi",
        "Image=|a",
        "Image=|!a",
        "PathExists=/",
        "PathExists=",
        "PathExists=!x",
        "PathExists=%P",
      ],
    ],
  ),
  conditions("architectures without UEFI", "Architecture=s390x\n", ["Architecture=uefi", "Architecture=s390x"]),
  {
    ...conditions(
      "the host's systemd",
      "",
      OPERATORS.flatMap((operator) => ["1", "252", "9999"].map((version) => `SystemdVersion=${operator}${version}`)),
    ),
    needs: "systemctl",
  },
  single("several [Assert] that hold", "[Assert]", "ImageId=abc", "[Assert]", "ImageVersion=1.2", "[Assert]"),
  single("triggers in [Assert]", "[Assert]", "ImageId=|x", "ImageId=|abc", "ImageVersion=!2"),
  single("[Assert] after a [Match] that fails", "[Match]", "ImageId=x", "[Assert]", "ImageId=x"),
  single("conditions continued on another line", "[Match]", "ImageId=abc", " # comment", "ImageVersion=1.2 # comment"),
  single("a condition in a section below the settings", "[Content]", "Locale=x", "[Match]", "ImageId=x"),
  single("an empty [Match]", "[Match]", ""),
  single(
    "[Match] and [TriggerMatch] mixed",
    "[TriggerMatch]",
    "ImageId=x",
    "[Match]",
    "ImageId=abc",
    "[TriggerMatch]",
    "ImageId=a*",
  ),
  refused("an assertion after others that hold", {
    "mkosi.conf.d/x.conf": "[Assert]\nDistribution=debian\n[Assert]\nDistribution=fedora\n",
  }),
  refused("a condition that is none", { "mkosi.conf.d/x.conf": "[Match]\nPackages=x\n" }),
  refused("a condition by the name in the manual's prose", { "mkosi.conf.d/x.conf": "[Match]\nNothing=x\n" }),
  ...["Distribution=slackware", "Architecture=z80", "Format=floppy", "Bootable=perhaps", "HostArchitecture=z80"].map(
    (condition) => refused(`the condition ${condition}`, { "mkosi.conf.d/x.conf": `[Match]\n${condition}\n` }),
  ),
];

const files: readonly Case[] = [
  {
    name: "mkosi/ with nothing but mkosi.tools.conf",
    files: { "mkosi/mkosi.tools.conf": ini("Content", "Packages=gdb"), "mkosi/mkosi.extra/x": "" },
    argv: ["-d", "debian", "--tools-tree=yes"],
    differs: TOOLS,
  },
  {
    name: "local configuration that chooses profiles and includes",
    files: {
      "mkosi.conf": `${D}[Content]\nLocale=main\n`,
      "mkosi.local.conf": "[Config]\nProfiles=p\n[Include]\nInclude=inc.conf\n",
      "mkosi.profiles/p.conf": ini("Content", "Packages=profiled", "Locale=profile"),
      "inc.conf": ini("Content", "Packages=included", "Locale=included", "Keymap=included"),
    },
  },
  {
    name: "a local directory with drop-ins and trees",
    files: {
      "mkosi.conf": `${D}[Content]\nPackages=main\n`,
      "mkosi.local/mkosi.conf": ini("Content", "Packages=local"),
      "mkosi.local/mkosi.conf.d/x.conf": ini("Content", "Packages=dropped"),
      "mkosi.local/mkosi.extra/x": "",
      "mkosi.local/mkosi.env": "A=1\n",
    },
  },
  {
    name: "picked-up files of drop-ins, profiles and images",
    files: {
      "mkosi.conf": `${D}[Config]\nProfiles=p\n`,
      "mkosi.env": "A=main\n",
      "mkosi.version": "1",
      "mkosi.conf.d/a/mkosi.conf": "",
      "mkosi.conf.d/a/mkosi.env": "A=a\n",
      "mkosi.conf.d/a/mkosi.version": "2",
      "mkosi.conf.d/a/mkosi.build.d/x": "",
      "mkosi.profiles/p/mkosi.conf": "",
      "mkosi.profiles/p/mkosi.postinst.chroot": "",
      "mkosi.profiles/p/mkosi.rootpw": { text: "hashed:x\n", mode: 0o600 },
      "mkosi.images/i/mkosi.conf": "",
      "mkosi.images/i/mkosi.version": "3",
      "mkosi.images/i/mkosi.skeleton.tar": "",
      "mkosi.images/i/mkosi.env": "A=i\n",
    },
  },
  {
    name: "archives beside and instead of sandbox trees",
    files: { "mkosi.conf": D, "mkosi.sandbox/x": "", "mkosi.sandbox.tar": "", "mkosi.pkgmngr.tar": "" },
  },
  {
    name: "executables for more values",
    files: {
      "mkosi.conf": D,
      "mkosi.rootpw": { text: "#!/bin/sh\necho hashed:abc\n", mode: 0o700 },
      "mkosi.machine-id": { run: "#!/bin/sh\necho 12345678123456781234567812345678\n" },
      "mkosi.snapshot": { run: "#!/bin/sh\npwd | sed 's,.*/,,'\n" },
    },
  },
  {
    name: "includes with conditions, by symlinks and from each other",
    files: {
      "mkosi.conf": `${D}[Include]\nInclude=one.conf\nInclude=link.conf two.conf\n`,
      "one.conf": "[Content]\nPackages=one\n[Include]\nInclude=two.conf\n",
      "link.conf": { link: "one.conf" },
      "two.conf": "[Match]\nDistribution=fedora\n[Content]\nPackages=two\n[Include]\nInclude=three.conf\n",
      "three.conf": ini("Content", "Packages=three"),
    },
  },
  {
    name: "an included directory with conditions, drop-ins, profiles and images",
    files: {
      "mkosi.conf": `${D}[Include]\nInclude=inc/dir\n[Config]\nProfiles=p\n`,
      "inc/dir/mkosi.conf": "[Match]\nDistribution=debian\n[Content]\nKernelCommandLine=%C %P %D\nPackages=included\n",
      "inc/dir/mkosi.conf.d/x.conf": "[Content]\nKernelCommandLine=%C %P\nExtraTrees=tree\n",
      "inc/dir/mkosi.profiles/p/mkosi.conf": "[Content]\nKernelCommandLine=%C %P\n",
      "inc/dir/mkosi.images/ignored.conf": "",
    },
  },
  {
    name: "profiles that choose profiles",
    files: {
      "mkosi.conf": `${D}[Config]\nProfiles=a\n`,
      "mkosi.profiles/a.conf": "[Config]\nProfiles=b\n[Content]\nPackages=a\n",
      "mkosi.profiles/b.conf": ini("Content", "Packages=b"),
      "mkosi.conf.d/p.conf": "[Match]\nProfiles=b\n[Content]\nPackages=matched\n",
    },
  },
  {
    name: "conditions on what the default images are",
    files: {
      "mkosi.conf": `${D}[Content]\nBootable=yes\n[Build]\nToolsTree=yes\n[Include]\nInclude=shared.conf\n`,
      "mkosi.tools.conf": "[Include]\nInclude=shared.conf\n",
      "mkosi.initrd.conf": "[Include]\nInclude=shared.conf initrd.conf\n",
      "mkosi.images/sub.conf": "[Include]\nInclude=shared.conf\n",
      "shared.conf": "[Match]\nImage=|tools\nImage=|default-initrd\nImage=|sub\n[Content]\nPackages=here-%I\n",
      "initrd.conf": "[Match]\nFormat=cpio\n[Content]\nPackages=cpio\n",
    },
    differs: TOOLS,
  },
  {
    name: "drop-ins and profiles of the default images",
    files: {
      "mkosi.conf": `${D}[Content]\nBootable=yes\nInitrdProfiles=mine\n[Build]\nToolsTree=yes\nToolsTreeProfiles=yours\n`,
      "mkosi.tools.conf/mkosi.conf": "",
      "mkosi.tools.conf/mkosi.conf.d/x.conf": ini("Content", "Packages=dropped"),
      "mkosi.tools.conf/mkosi.profiles/yours.conf": ini("Content", "Packages=profiled"),
      "mkosi.initrd.conf/mkosi.conf": "",
      "mkosi.initrd.conf/mkosi.conf.d/x.conf": ini("Content", "Packages=dropped"),
      "mkosi.initrd.conf/mkosi.profiles/mine.conf": ini("Content", "Packages=profiled"),
      "mkosi.initrd.conf/mkosi.local.conf": ini("Content", "Packages=local"),
    },
    differs: TOOLS,
  },
  {
    name: "the tools configuration as an image",
    argv: ["-d", "debian", "-r", "trixie", "-I", "mkosi-tools"],
    differs: { ...TOOLS, SkeletonTrees: "path", SandboxTrees: "path" },
  },
  {
    name: "environment, passed and not",
    files: {
      "mkosi.conf": `${D}[Build]\nEnvironment="A=x y" 'B="q"' C=\\"\nEnvironment=FROM_ENV NOT_SET\n  D=a\\ b\n[Config]\nPassEnvironment=A D\n`,
      "mkosi.env": "# comment\nE=1\n",
      "mkosi.images/i.conf": ini("Build", "Environment=A=own F=1"),
    },
    environment: { FROM_ENV: "from outside" },
  },
  {
    name: "paths with variables and home directories",
    files: {
      "mkosi.conf": `${D}[Build]\nCacheDirectory=$WHERE/cache\nWorkspaceDirectory=\${WHERE}/work\nPackageDirectories=~/in-home\n[Output]\nOutputDirectory=out/../other\n`,
    },
    environment: { WHERE: "/some/place" },
  },
  refused("an unknown user's home", { "mkosi.conf": `${D}[Build]\nCacheDirectory=~nobody-of-this-name/x\n` }),
];

const late: readonly Case[] = [
  {
    name: "late specifiers",
    files: {
      "mkosi.conf": `${D}[Output]\nImageId=id\nImageVersion=7\n[Content]\nUnifiedKernelImageFormat=&e-&k-&h-&&\n[Build]\nBuildDirectory=bd\nCacheKey=&d~&r~&a~&i~&v~&I~&z\nBuildKey=&d&&&r.&a-&i+&v_&I\n[Runtime]\nLinux=&b/vmlinux-&&\n`,
      "mkosi.images/sub.conf": "",
    },
  },
  {
    name: "late specifiers without values",
    files: { "mkosi.conf": `${D}[Build]\nBuildDirectory=bd\nBuildKey=&i~&v~&q~&\n` },
  },
];

/** `summary` comes after these and is the verb's argument. */
const verbs = ["qemu", "sandbox", "vm", "box", "shell", "boot", "build", "ssh"].map(
  (verb): Case => ({ name: `the verb ${verb}`, files: { "mkosi.conf": D }, argv: [verb] }),
);

const flags: readonly Case[] = [
  {
    name: "every flag",
    files: { "sub/mkosi.conf": D },
    argv: [
      ...["--force", "--directory=sub", "--json", "--debug", "--debug-shell", "--debug-workspace", "--debug-sandbox"],
      ...["--debug-timing", "--no-pager", "--auto-bump", "--wipe-build-dir"],
      ...["--genkey-common-name=x", "--genkey-valid-days=3", "--doc-format=man"],
      ...["--nspawn-keep-unit", "--default=x", "--cache=x", "--runtime-scratch=no"],
    ],
  },
  { name: "every flag's letter", files: { "sub/mkosi.conf": D }, argv: ["-fBw", "-C", "sub"] },
  {
    name: "flags with separate arguments",
    files: { "sub/mkosi.conf": D },
    argv: ["--directory", "sub", "--doc-format", "man"],
  },
  refused("an unknown option", {}, ["--nothing"]),
  { name: "-R with a verb that builds", files: { "mkosi.conf": D }, argv: ["--rerun-build-scripts", "build"] },
  { name: "-R as a letter", files: { "mkosi.conf": D }, argv: ["-R", "vm"] },
  refused("--rerun-build-scripts with a verb that builds nothing", {}, ["--rerun-build-scripts"]),
  refused("-R and -f", {}, ["-R", "-f", "build"]),
  refused("a flag with an argument", {}, ["--force=yes"]),
  refused("a directory that does not exist", {}, ["-C", "missing"]),
];

export const rules: readonly Case[] = [
  ...versions,
  ...matching,
  ...files,
  ...late,
  ...verbs,
  ...flags,
  {
    name: "an empty directory for everything",
    files: { "mkosi.conf": D, "mkosi.conf.d": directory, "mkosi.images": directory },
  },
];
