// Conditions: every matcher, comparison of versions and pattern, in all four kinds of sections.

import { type Case, DEBIAN, type FileSpec, refused } from "../case.ts";

const D = DEBIAN;

const match = (name: string, section: string, ...lines: string[]): Case => ({
  name: `match: ${name}`,
  files: {
    "mkosi.conf": `${D}[Output]\nImageId=abc\nImageVersion=1.2\n[Build]\nEnvironment=A=1\n[Config]\nProfiles=p\n`,
    "mkosi.conf.d/10.conf": `${section}\n${lines.join("\n")}\n[Content]\nPackages=matched\n`,
    "here/file": "",
    "mkosi.profiles/p.conf": "",
  },
});

const plain: readonly (readonly [string, string, ...string[]])[] = [
  ["distribution", "[Match]", "Distribution=debian"],
  ["not the distribution", "[Match]", "Distribution=!debian"],
  ["triggers, one holds", "[Match]", "Distribution=|fedora", "Distribution=|debian"],
  ["triggers, none holds", "[Match]", "Distribution=|fedora", "Distribution=|arch"],
  ["negated trigger", "[Match]", "Distribution=|!fedora"],
  ["trigger and condition", "[Match]", "Distribution=|debian", "Release=sid"],
  ["several sections", "[Match]", "Distribution=|debian", "", "[Match]", "Release=|sid", "Release=|trixie"],
  ["several sections, second fails", "[Match]", "Distribution=|debian", "[Match]", "Release=|sid"],
  [
    "trigger sections",
    "[TriggerMatch]",
    "Distribution=debian",
    "Release=sid",
    "[TriggerMatch]",
    "Distribution=debian",
    "Release=trixie",
  ],
  ["trigger sections, none", "[TriggerMatch]", "Distribution=fedora", "[TriggerMatch]", "Release=sid"],
  ["trigger and match sections", "[Match]", "Release=trixie", "[TriggerMatch]", "Distribution=fedora"],
  ["empty trigger section", "[TriggerMatch]", "[Content]"],
  ["image id", "[Match]", "ImageId=abc"],
  ["image id glob", "[Match]", "ImageId=a?c*"],
  ["image id class", "[Match]", "ImageId=[!x][a-c]c"],
  ["image version", "[Match]", "ImageVersion=1.2"],
  ["image version newer", "[Match]", "ImageVersion=>1.1"],
  ["image version at least", "[Match]", "ImageVersion=>=1.10"],
  ["image version not", "[Match]", "ImageVersion=!=1.2"],
  ["image version with ~", "[Match]", "ImageVersion=>1.2~rc1"],
  ["image version with ^", "[Match]", "ImageVersion=<1.2^1"],
  ["architecture", "[Match]", "Architecture=x86-64"],
  ["uefi", "[Match]", "Architecture=uefi"],
  ["path exists", "[Match]", "PathExists=here/file"],
  ["path does not exist", "[Match]", "PathExists=../nothere"],
  ["profile", "[Match]", "Profiles=p"],
  ["profile by the old name", "[Match]", "Profile=p"],
  ["no profiles", "[Match]", "Profiles="],
  ["bootable", "[Match]", "Bootable=auto"],
  ["bootable yes", "[Match]", "Bootable=yes"],
  ["bootloader", "[Match]", "Bootloader=systemd-boot"],
  ["format", "[Match]", "Format=disk"],
  ["environment", "[Match]", "Environment=A"],
  ["environment with value", "[Match]", "Environment=A=1"],
  ["environment with other value", "[Match]", "Environment=A=2"],
  ["host architecture", "[Match]", "HostArchitecture=x86-64"],
  ["image", "[Match]", "Image=main"],
  ["repositories", "[Match]", "Repositories=contrib"],
  ["build sources", "[Match]", "BuildSources=kernel"],
  ["tools tree distribution", "[Match]", "ToolsTreeDistribution=debian"],
  ["tools tree release", "[Match]", "ToolsTreeRelease=testing"],
  ["specifier in a condition", "[Match]", "Release=%r"],
];

/** A project whose drop-ins each have a condition, and a package that tells whether it held. */
function dropIns(name: string, main: string, wanted: readonly string[], more: Case["files"] = {}): Case {
  const files = wanted.map((condition, index): [string, FileSpec] => [
    `mkosi.conf.d/${String(index).padStart(3, "0")}.conf`,
    `[Match]\n${condition}\n[Content]\nPackages=p${index}\n`,
  ]);
  return { name, files: { "mkosi.conf": `${D}${main}`, ...Object.fromEntries(files), ...more } };
}

const VERSIONS = [
  ...["1", "1.0", "1.2", "1.2.3", "1.10", "01.2", "1.2.", "1..2", "2", "10"],
  ...["1.2~rc1", "1.2~rc2", "1.2~", "1.2^1", "1.2^", "1.2^1~1", "1.2-1", "1.2-3", "1.2.3-1"],
  ...["1.2a", "1.2b", "1.2rc1", "v1", "a", "B", "1_2", "1+2", "20250101", "1.2!3", "~", "^", "-", "."],
];
const OPERATORS = ["", "==", "!=", "<", "<=", ">", ">="];

const versions = ["1.2", "1.2~rc1", "1.2^1", "1.2-3", "1.2a", "10", "v1", "1..2"].map((version) =>
  dropIns(
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

const finer: readonly Case[] = [
  dropIns(
    "patterns",
    "[Output]\nImageId=a-b.c\n",
    PATTERNS.flatMap((pattern) => [`ImageId=${pattern}`, `ImageId=!${pattern}`]),
  ),
  dropIns("conditions about settings without value", "", [
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
  dropIns(
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
  dropIns("conditions about features and words", "[Content]\nBootable=yes\nBootloader=grub\n[Output]\nFormat=disk\n", [
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
    ...["Architecture=|uefi", "Image=|a", "Image=|!a", "PathExists=/", "PathExists=", "PathExists=!x", "PathExists=%P"],
  ]),
  dropIns("architectures without UEFI", "Architecture=s390x\n", ["Architecture=uefi", "Architecture=s390x"]),
  {
    ...dropIns(
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
  refused("an assertion after others that hold", "Distribution=fedora of [Assert] does not hold", {
    "mkosi.conf.d/x.conf": "[Assert]\nDistribution=debian\n[Assert]\nDistribution=fedora\n",
  }),
  refused("a condition that is none", "Packages= cannot be used in [Match]", {
    "mkosi.conf.d/x.conf": "[Match]\nPackages=x\n",
  }),
  refused("a condition by the name in the manual's prose", "Nothing= cannot be used in [Match]", {
    "mkosi.conf.d/x.conf": "[Match]\nNothing=x\n",
  }),
  ...Object.entries({
    "Distribution=slackware": "“slackware” is not one of fedora",
    "Architecture=z80": "“z80” is not one of alpha",
    "Format=floppy": "“floppy” is not one of confext",
    "Bootable=perhaps": "“perhaps” is neither a boolean nor “auto”",
    "HostArchitecture=z80": "“z80” is not one of alpha",
  }).map(([condition, told]) =>
    refused(`the condition ${condition}`, told, { "mkosi.conf.d/x.conf": `[Match]\n${condition}\n` }),
  ),
];

export const conditions: readonly Case[] = [
  ...plain.map(([name, section, ...lines]) => match(name, section, ...lines)),
  ...versions,
  ...finer,
];
