// The language itself: order of files, specifiers, syntax, includes, images.

import { type Case, directory, ini } from "../case.ts";

const D = "[Distribution]\nDistribution=debian\nRelease=trixie\n";
export const language: readonly Case[] = [
  {
    name: "match on the directory keeps everything out",
    files: {
      "mkosi.conf": `[Match]\nFormat=tar\n${D}`,
      "mkosi.conf.d/a.conf": ini("Content", "Packages=a"),
      "mkosi.extra/x": "",
    },
  },
  {
    name: "match on a default fixes it",
    files: {
      "mkosi.conf": "[Distribution]\nDistribution=debian\n",
      "mkosi.conf.d/1.conf": "[Match]\nRelease=sid\n",
      "mkosi.conf.d/2.conf": "[Distribution]\nDistribution=fedora\n",
    },
  },
  {
    name: "assertion that holds",
    files: {
      "mkosi.conf": `${D}[Output]\nFormat=tar\n`,
      "mkosi.conf.d/a.conf": `[Assert]\nFormat=tar\n[TriggerAssert]\nRelease=sid\n[TriggerAssert]\nRelease=trixie\n[Content]\nPackages=a\n`,
    },
  },
  {
    name: "assertion that fails",
    refused: "Format=tar of [Assert] does not hold",
    files: { "mkosi.conf": `${D}[Assert]\nFormat=tar\n` },
  },
  {
    name: "trigger assertion that fails",
    refused: "no condition of [TriggerAssert] holds",
    files: { "mkosi.conf": D, "mkosi.conf.d/a.conf": "[TriggerAssert]\nFormat=tar\n" },
  },
  {
    name: "drop-ins, files and directories",
    files: {
      "mkosi.conf": `${D}[Content]\nPackages=main\nLocale=1\n`,
      "mkosi.conf.d/20-b.conf": ini("Content", "Packages=b", "Locale=20"),
      "mkosi.conf.d/10-a/mkosi.conf": ini("Content", "Packages=a", "Locale=10"),
      "mkosi.conf.d/10-a/mkosi.conf.d/x.conf": ini("Content", "Packages=x"),
      "mkosi.conf.d/10-a/mkosi.extra/f": "",
      "mkosi.conf.d/30.txt": ini("Content", "Packages=no"),
      "mkosi.conf.d/.conf": ini("Content", "Packages=no"),
    },
  },
  {
    name: "local configuration beats, collections join",
    files: {
      "mkosi.conf": `${D}[Content]\nPackages=b\nLocale=main\nKernelCommandLine=one\n`,
      "mkosi.local.conf": ini("Content", "Packages=a", "Locale=local", "KernelCommandLine=two"),
      "mkosi.local/mkosi.conf": ini("Content", "Locale=localdir", "Hostname=h", "KernelCommandLine=three"),
    },
    argv: ["--kernel-command-line=four"],
  },
  {
    name: "local configuration with a match",
    files: { "mkosi.conf": D, "mkosi.local.conf": "[Match]\nDistribution=fedora\n[Content]\nLocale=no\n" },
  },
  {
    name: "local empties",
    files: {
      "mkosi.conf": `${D}[Content]\nPackages=b\nLocale=main\n`,
      "mkosi.local.conf": ini("Content", "Packages=", "Locale="),
    },
  },
  {
    name: "command line over files",
    files: { "mkosi.conf": `${D}[Content]\nPackages=b,a\nLocale=x\n` },
    argv: ["-p", "z", "-p", "c", "--locale=y", "-r", "sid"],
  },
  {
    name: "command line empties a list",
    files: { "mkosi.conf": `${D}[Content]\nPackages=b,a\n` },
    argv: ["--package=", "-p", "z"],
  },
  {
    name: "command line empties a scalar",
    files: { "mkosi.conf": `${D}[Content]\nLocale=b\n[Output]\nFormat=tar\nOutput=foo\n` },
    argv: ["--locale=", "--format=tar", "--output="],
  },
  {
    name: "empty assignment and more",
    files: {
      "mkosi.conf": `${D}[Content]\nPackages=b,a\nPackages=\nPackages=c\nKernelCommandLine=a b\nKernelCommandLine=\nWithDocs=no\nWithDocs=\n[Output]\nFormat=tar\nFormat=\n`,
    },
  },
  {
    name: "packages are sorted by kind",
    files: {
      "mkosi.conf": `${D}[Content]\nPackages=zoo /usr/bin/x (a if b) abc\nBuildPackages=b a\nVolatilePackages=d c\nRemovePackages=z a\n`,
    },
  },
  {
    name: "profiles of a file and a directory",
    files: {
      "mkosi.conf": `${D}[Config]\nProfiles=one,two\n`,
      "mkosi.profiles/one.conf": ini("Content", "Packages=one"),
      "mkosi.profiles/two/mkosi.conf": ini("Content", "Packages=two"),
      "mkosi.profiles/two/mkosi.extra/f": "",
      "mkosi.profiles/three.conf": ini("Content", "Packages=three"),
    },
  },
  {
    name: "profiles on the command line",
    files: { "mkosi.conf": D, "mkosi.profiles/one.conf": ini("Content", "Packages=one") },
    argv: ["--profile", "one", "--profile=missing"],
  },
  {
    name: "include of files and directories, each once",
    files: {
      "mkosi.conf": `[Content]\nPackages=first\n[Include]\nInclude=inc/a.conf\nInclude=inc/dir inc/a.conf\n${D}[Content]\nPackages=last\n`,
      "inc/a.conf": ini("Content", "Packages=a", "KernelCommandLine=a"),
      "inc/dir/mkosi.conf": "[Content]\nPackages=d\nKernelCommandLine=d\n[Include]\nInclude=../a.conf\n",
      "inc/dir/mkosi.extra/f": "",
      "inc/dir/mkosi.profiles/p.conf": ini("Content", "Packages=p"),
      "inc/dir/mkosi.local.conf": ini("Content", "Packages=no"),
    },
    argv: ["--profile=p"],
  },
  {
    name: "include on the command line comes first",
    files: {
      "mkosi.conf": `${D}[Content]\nLocale=main\nKernelCommandLine=main\n`,
      "a.conf": ini("Content", "Locale=included", "KernelCommandLine=included", "Keymap=x"),
    },
    argv: ["--include", "a.conf"],
  },
  {
    name: "an include that includes itself",
    files: {
      "mkosi.conf": `${D}[Include]\nInclude=a.conf\n`,
      "a.conf": "[Content]\nPackages=a\n[Include]\nInclude=a.conf\n",
    },
  },
  {
    name: "specifiers",
    files: {
      "mkosi.conf": `${D}[Output]\nImageId=id\nImageVersion=7\nFormat=tar\nOutputDirectory=out\n[Content]\nKernelCommandLine=%d %r %a %t %o %O %i %v %C %P %D %I %F %% 100%\n`,
      "mkosi.conf.d/sub/mkosi.conf": ini("Content", "KernelCommandLine=%C %P %D"),
      "mkosi.conf.d/x.conf": ini("Content", "KernelCommandLine=%C %P %D"),
    },
  },
  {
    name: "unknown specifiers and those without value",
    files: { "mkosi.conf": `${D}[Content]\nLocale=a%zb%ic%vd%Oe\n` },
  },
  { name: "no specifiers on the command line", files: { "mkosi.conf": D }, argv: ["--locale=%d"] },
  {
    name: "comments, indentation, continuation",
    files: {
      "mkosi.conf":
        "# comment\n[Distribution] # here\nDistribution=debian # there\n\n[Content]\nPackages=a # one\n         b\n\n   # nothing\n         c\n\td\nLocale = x y \n  Keymap=continued\n[Output]\n  Format=tar\n",
    },
  },
  {
    name: "indented as a whole",
    files: { "mkosi.conf": "  [Distribution]\n  Distribution=debian\n  [Content]\n  Packages=a\n    b\n  Locale=x\n" },
  },
  {
    name: "CRLF, form feeds and Unicode",
    files: {
      "mkosi.conf":
        "[Distribution]\r\nDistribution=debian\r\n[Content]\r\nPackages=ä\r\n  ö\r\nLocale=a\u00a0b\nHostname=\u2028Keymap=k\n",
    },
  },
  {
    name: "unknown sections and settings",
    files: { "mkosi.conf": `${D}[Foo]\nBar=1\nbaz\n[Content]\nNothing=1\nPackages=a\n` },
  },
  {
    name: "settings in wrong sections",
    files: {
      "mkosi.conf": "[Content]\nDistribution=debian\nFormat=tar\n[Output]\nPackages=a\n[Host]\nRAM=4G\nQemuSmp=3\n",
    },
  },
  {
    name: "configuration in mkosi/",
    files: {
      "mkosi/mkosi.conf": `${D}[Content]\nKernelCommandLine=%D %C %P\n`,
      "mkosi/mkosi.extra/x": "",
      "mkosi/mkosi.images/sub.conf": "[Content]\nExtraTrees=rel\n",
      "mkosi.extra/y": "",
    },
  },
  { name: "another directory", files: { "sub/mkosi.conf": D, "sub/mkosi.extra/x": "" }, argv: ["-C", "sub"] },
  { name: "no directory", files: { "mkosi.conf": D }, argv: ["-C", "", "-d", "fedora"] },
  {
    name: "options relative to the directory before",
    files: { "sub/mkosi.conf": D, x: "", "sub/x": "" },
    argv: ["--extra-tree=x", "-C", "sub", "--extra-tree=x"],
  },
  {
    name: "minimum version",
    files: { "mkosi.conf": `${D}[Config]\nMinimumVersion=20\nMinimumVersion=25.3\nMinimumVersion=22\n` },
  },
  {
    name: "minimum version too new",
    refused: "MinimumVersion: this configuration needs version 99 or newer",
    files: { "mkosi.conf": `${D}[Config]\nMinimumVersion=99\n` },
  },
  {
    name: "dependencies in order",
    files: {
      "mkosi.conf": D,
      "mkosi.images/a/mkosi.conf": "[Config]\nDependencies=c\n",
      "mkosi.images/b.conf": ini("Output", "Format=directory"),
      "mkosi.images/c/mkosi.conf": "[Config]\nDependencies=b\n",
      "mkosi.images/d.conf": "",
      "mkosi.images/ignored.txt": "",
    },
  },
  {
    name: "only some images",
    files: {
      "mkosi.conf": `${D}[Config]\nDependencies=a\n`,
      "mkosi.images/a/mkosi.conf": "[Config]\nDependencies=c\n",
      "mkosi.images/b.conf": "",
      "mkosi.images/c.conf": "",
    },
  },
  {
    name: "images chosen on the command line",
    files: { "mkosi.conf": D, "mkosi.images/a.conf": "", "mkosi.images/b.conf": "" },
    argv: ["--dependency", "b"],
  },
  {
    name: "a cycle of images",
    refused: "images depend on each other in a circle: a → b → a",
    files: {
      "mkosi.conf": D,
      "mkosi.images/a.conf": "[Config]\nDependencies=b\n",
      "mkosi.images/b.conf": "[Config]\nDependencies=a\n",
    },
  },
  {
    name: "an image that does not exist",
    refused: "the image “main” depends on “x”, which is no image of this project",
    files: { "mkosi.conf": `${D}[Config]\nDependencies=x\n`, "mkosi.images/a.conf": "" },
  },
  {
    name: "an image that does not match",
    files: {
      "mkosi.conf": D,
      "mkosi.images/a.conf": "[Match]\nDistribution=fedora\n",
      "mkosi.images/b.conf": "[Match]\nImage=b\n",
    },
  },
  {
    name: "what images inherit",
    files: {
      "mkosi.conf": `${D}Mirror=http://m\nRepositories=contrib\n[Output]\nImageId=id\nImageVersion=2\nOutputDirectory=out\nCompressLevel=5\nSectorSize=2048\nFormat=tar\n[Content]\nPackages=a\nLocale=l\nSourceDateEpoch=5\n[Build]\nEnvironment=A=1 B=2 C=3\nIncremental=yes\nCacheOnly=always\nCacheKey=k\nWithNetwork=yes\nWorkspaceDirectory=/tmp\nPackageCacheDirectory=/var/cache\nBuildDirectory=b\n[Config]\nPassEnvironment=A B X\nProfiles=p\n[Validation]\nSignExpectedPcrKey=nokey\n`,
      "mkosi.profiles/p.conf": "",
      "mkosi.images/sub/mkosi.conf": "[Output]\nImageId=other\n[Build]\nEnvironment=B=9\n",
      "mkosi.images/sub/mkosi.profiles/p.conf": ini("Content", "Packages=sub-p"),
    },
  },
  {
    name: "an image with a kernel",
    files: {
      "mkosi.conf": `${D}[Output]\nFormat=none\n`,
      "mkosi.images/a.conf": ini("Content", "Packages=linux-image-amd64"),
      "mkosi.images/b.conf": "",
    },
  },
  {
    name: "an image with local configuration",
    files: {
      "mkosi.conf": D,
      "mkosi.images/a/mkosi.conf": "[Content]\nPackages=a\n",
      "mkosi.images/a/mkosi.local.conf": "[Content]\nPackages=l\nLocale=x\n",
    },
  },
  {
    name: "a universal setting in an image",
    refused: "Release= cannot be set in the image “a”",
    files: { "mkosi.conf": D, "mkosi.images/a.conf": "[Distribution]\nRelease=sid\n" },
  },
  {
    name: "a main setting in an image",
    refused: "RAM= cannot be set in the image “a”",
    files: { "mkosi.conf": D, "mkosi.images/a.conf": "[Runtime]\nRAM=1G\n" },
  },
  {
    name: "picked-up files that an image must not have",
    files: {
      "mkosi.conf": D,
      "mkosi.images/a/mkosi.conf": "",
      "mkosi.images/a/mkosi.output": directory,
      "mkosi.images/a/mkosi.key": { text: "", mode: 0o600 },
      "mkosi.images/a/mkosi.repart": directory,
    },
  },
  {
    name: "a setting the tools tree cannot have",
    refused: "Bootable= cannot be set in the image “tools”",
    files: { "mkosi.conf": `${D}[Build]\nToolsTree=default\n`, "mkosi.tools.conf": "[Content]\nBootable=yes\n" },
  },
  {
    name: "an image of a symlinked directory",
    files: {
      "mkosi.conf": `${D}[Content]\nExtraTrees=link/x:/y\n`,
      "real/x/f": "",
      link: { link: "real" },
      "mkosi.conf.d/l.conf": { link: "../other.conf" },
      "other.conf": ini("Content", "KernelCommandLine=%C"),
    },
  },
];
