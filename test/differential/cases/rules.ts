// The finer rules: files in unusual places, specifiers that are replaced late, flags and verbs.

import { type Case, DEBIAN, directory, ini, refused } from "../case.ts";

const D = DEBIAN;
const TOOLS = { PrepareScripts: "the original's tools tree has a script" };

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
    differs: TOOLS,
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
  refused("an unknown user's home", "CacheDirectory: “~nobody-of-this-name/x” names the home of nobody-of-this-name", {
    "mkosi.conf": `${D}[Build]\nCacheDirectory=~nobody-of-this-name/x\n`,
  }),
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
  refused("an unknown option", "--nothing is not an option", {}, ["--nothing"]),
  { name: "-R with a verb that builds", files: { "mkosi.conf": D }, argv: ["--rerun-build-scripts", "build"] },
  { name: "-R as a letter", files: { "mkosi.conf": D }, argv: ["-R", "vm"] },
  refused(
    "--rerun-build-scripts with a verb that builds nothing",
    "--rerun-build-scripts has no meaning for summary, which builds nothing",
    {},
    ["--rerun-build-scripts"],
  ),
  refused("-R and -f", "--rerun-build-scripts keeps the image, and --force builds it again", {}, ["-R", "-f", "build"]),
  refused("a flag with an argument", "--force takes no argument, but was given “yes”", {}, ["--force=yes"]),
  refused("a directory that does not exist", "missing is not a directory", {}, ["-C", "missing"]),
];

export const rules: readonly Case[] = [
  ...files,
  ...late,
  ...verbs,
  ...flags,
  {
    name: "an empty directory for everything",
    files: { "mkosi.conf": D, "mkosi.conf.d": directory, "mkosi.images": directory },
  },
];
