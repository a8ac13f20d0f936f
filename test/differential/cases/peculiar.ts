// Corners of the syntax, of file names and of the way to a project, where two languages' libraries differ.

import { type Case, DEBIAN, directory, ini, refused } from "../case.ts";

const packages = (name: string): string => ini("Content", `Packages=${name}`);

export const peculiar: readonly Case[] = [
  { name: "-- before the verb", files: { "mkosi.conf": DEBIAN }, argv: ["-p", "a", "--"] },
  {
    name: "line ends of other systems in files that are values",
    files: {
      "mkosi.conf": `${DEBIAN}[Output]\nImageId=i\n`,
      "mkosi.version": "1\r\n",
      "mkosi.rootpw": { text: "secret\r\n\r\n", mode: 0o600 },
    },
  },
  {
    name: "line ends of other systems from programs",
    files: { "mkosi.conf": DEBIAN, "mkosi.version": { run: "#!/bin/sh\nprintf '2\\r\\n'\n" } },
  },
  {
    name: "a project through a symlink",
    files: { "real/p/mkosi.conf": `${DEBIAN}[Content]\nKernelCommandLine=%P %D %C\n`, link: { link: "real/p" } },
    argv: ["-C", "link", "--extra-tree=../p"],
  },
  {
    name: "a project beside a symlink",
    files: { "real/p/.keep": "", "real/q/mkosi.conf": DEBIAN, link: { link: "real/p" } },
    argv: ["-C", "link/../q"],
  },
  {
    name: "configuration through symlinks",
    files: {
      "mkosi.conf": `${DEBIAN}[Config]\nProfiles=p,q\n`,
      "x/one/mkosi.conf": `${packages("one")}KernelCommandLine=%C %P\n`,
      "x/one/mkosi.extra/f": "",
      "x/local/mkosi.conf": packages("local"),
      "x/image/mkosi.conf": packages("image"),
      "x/profile/mkosi.conf": packages("profile"),
      "x/file.conf": `${packages("file")}KernelCommandLine=%C %P\n`,
      "mkosi.conf.d/a": { link: "../x/one" },
      "mkosi.conf.d/b.conf": { link: "../x/file.conf" },
      "mkosi.local": { link: "x/local" },
      "mkosi.images/i": { link: "../x/image" },
      "mkosi.images/j.conf": { link: "../x/file.conf" },
      "mkosi.profiles/p": { link: "../x/profile" },
      "mkosi.profiles/q.conf": { link: "../x/file.conf" },
    },
  },
  {
    name: "symlinks to directories of configuration",
    files: {
      "mkosi/mkosi.conf": `${DEBIAN}[Config]\nProfiles=p,q\n`,
      "x/a/mkosi.conf": packages("a"),
      "x/b.conf": packages("b"),
      "x/p/mkosi.conf": packages("p"),
      "x/q.conf": packages("q"),
      "mkosi/mkosi.conf.d": { link: "../x" },
      "mkosi/mkosi.profiles": { link: "../x" },
      "mkosi/mkosi.images": { link: "../x" },
    },
  },
  {
    name: "the configuration's directory is a symlink",
    files: {
      "x/mkosi.conf": `${DEBIAN}[Config]\nProfiles=q\n[Content]\nKernelCommandLine=%C %P %D\n`,
      "x/mkosi.conf.d/a.conf": packages("a"),
      "x/mkosi.conf.d/b/mkosi.conf": packages("b"),
      "x/mkosi.profiles/q.conf": packages("q"),
      "x/mkosi.extra": directory,
      "x/mkosi.local.conf": packages("local"),
      mkosi: { link: "x" },
    },
  },
  {
    name: "a percent sign before the end of a line",
    files: {
      "mkosi.conf": `${DEBIAN}[Content]\nPackages=a%\n    b%%\n    c\nLocale=x%\nKernelCommandLine=a% %\n  b\n`,
    },
  },
  {
    name: "a percent sign before the end of a condition's line",
    files: { "mkosi.conf": `[Match]\nImageId=a%\n  b\n${DEBIAN}` },
    argv: ["--image-id=ab"],
  },
  {
    ...refused("no time in the environment", "SOURCE_DATE_EPOCH: “x” is not a time in seconds since 1970", {}),
    environment: { SOURCE_DATE_EPOCH: "x" },
  },
  { name: "a time in the environment", files: { "mkosi.conf": DEBIAN }, environment: { SOURCE_DATE_EPOCH: " 1_0 " } },
  {
    name: "no time in the environment where it does not count",
    files: { "mkosi.conf": `${DEBIAN}[Content]\nSourceDateEpoch=\n` },
    environment: { SOURCE_DATE_EPOCH: "x" },
  },
  {
    name: "no time in Environment=",
    files: { "mkosi.conf": `${DEBIAN}[Build]\nEnvironment=SOURCE_DATE_EPOCH=x\n` },
  },
  { name: "an image without a name", files: { "mkosi.conf": DEBIAN, "mkosi.images/.conf": packages("a") } },
  {
    name: "the order of names beyond the basic plane",
    files: {
      "mkosi.conf": `${DEBIAN}[Content]\nPackages=\u{1f600},\uffee\nKernelCommandLine=x\nBuildScripts=s/*\n`,
      "mkosi.conf.d/\u{1f600}.conf": ini("Content", "Locale=grin", "KernelCommandLine=grin"),
      "mkosi.conf.d/\uffee.conf": ini("Content", "Locale=circle", "KernelCommandLine=circle"),
      "mkosi.extra.d/\u{1f600}": "",
      "mkosi.images/\u{1f600}.conf": "",
      "mkosi.images/\uffee.conf": "",
      "s/\u{1f600}": { run: "" },
      "s/\uffee": { run: "" },
    },
  },
  {
    name: "white space of Python",
    files: {
      "mkosi.conf": `${DEBIAN}[\x1fContent\x1f]\nPackages=\ufeffa\u3000b\x1fc\nLocale=\x1f C.UTF-8\x1f\xa0\nHostname=\ufeffh\n\x1fTimezone=UTC\n[Build]\nEnvironment="\x1fA\x1f=\x1f1\x1f"\n[Output]\nCompressLevel=\x1f3\x1f\n`,
    },
  },
  {
    name: "a section indented below a section that nobody reads",
    files: { "mkosi.conf": `${DEBIAN}[X-Foo]\nPackages=a\n   more\n   [Content]\n   Packages=q\n` },
  },
  {
    name: "conditions indented below a setting",
    files: {
      "mkosi.conf": DEBIAN,
      "mkosi.conf.d/no.conf": "[Content]\nPackages=a\n   [Match]\n   Format=tar\n",
      "mkosi.conf.d/yes.conf": "[Content]\nPackages=b\n   [Match]\n   Format=disk\n[Content]\nLocale=C\n",
      "mkosi.conf.d/assert.conf": "[Content]\nPackages=c\n   [Assert]\n   Format=disk\n",
    },
  },
  refused("assertion indented below a setting", "Format=tar of [Assert] does not hold", {
    "mkosi.conf.d/assert.conf": "[Content]\nPackages=c\n   [Assert]\n   Format=tar\n",
  }),
  {
    name: "all indented, with a form feed in it",
    files: {
      "mkosi.conf":
        "  [Distribution]\n  Distribution=debian\n  Release=trixie\n\n  [Content]\n  Packages=a\fPackages=b\v  c\n    d\n",
    },
  },
  {
    name: "the initrd's configuration included in an image",
    files: {
      "mkosi.conf": `${DEBIAN}[Config]\nDependencies=i\n`,
      "mkosi.images/i.conf": ini("Include", "Include=mkosi-initrd"),
    },
    unordered: ["KernelModules", "RemoveFiles"],
  },
];
