// The main path: what issue 2's projects use.

import { type Case, ini } from "../case.ts";

const DEBIAN = ini("Distribution", "Distribution=debian", "Release=trixie");

/** The built-in initrd's network profile has a tree where the original's has a script. */
const NETWORK = { ExtraTrees: "a tree of ours", PostInstallationScripts: "a script of the original's" };

/** What the built-in configurations have in another order. */
const UNORDERED = ["KernelModules", "RemoveFiles"];

export const basics: readonly Case[] = [
  { name: "nothing but a distribution", argv: ["-d", "debian"] },
  { name: "nothing at all" },
  {
    name: "the command of the main path",
    argv: [
      "-d",
      "debian",
      "-r",
      "trixie",
      "-p",
      "systemd",
      "-p",
      "udev",
      "-p",
      "dbus",
      "-p",
      "linux-image-cloud-amd64",
      "-p",
      "systemd-boot-efi",
      "-t",
      "disk",
    ],
  },
  {
    name: "the same written down",
    files: {
      "mkosi.conf": `${DEBIAN}[Output]\nFormat=disk\n[Content]\nPackages=systemd,udev,dbus\n        linux-image-cloud-amd64\n        systemd-boot-efi\n`,
    },
  },
  ...["directory", "tar", "cpio", "none", "disk", "esp", "uki", "oci", "sysext", "confext", "portable", "addon"].map(
    (format): Case => ({
      name: `format ${format} with a kernel`,
      files: { "mkosi.conf": DEBIAN },
      argv: ["-t", format, "-p", "linux-image-amd64"],
    }),
  ),
  ...[
    "debian",
    "ubuntu",
    "kali",
    "fedora",
    "centos",
    "rocky",
    "alma",
    "rhel",
    "rhel-ubi",
    "opensuse",
    "arch",
    "azure",
    "mageia",
    "openmandriva",
    "postmarketos",
    "custom",
  ].map(
    (name): Case => ({
      name: `defaults of ${name}`,
      files: { "mkosi.conf": ini("Distribution", `Distribution=${name}`) },
      argv: [
        "-p",
        "linux",
        "-p",
        "kernel-core",
        "-p",
        "linux-image-x",
        "-p",
        "kernel-default",
        "-t",
        "disk",
        "--tools-tree-repository=x",
      ],
    }),
  ),
  ...["debian", "ubuntu", "fedora", "centos", "opensuse", "arch", "kali"].map(
    (name): Case => ({
      name: `default tools tree of ${name}`,
      files: { "mkosi.conf": ini("Distribution", "Distribution=debian") },
      argv: ["--tools-tree=default", `--tools-tree-distribution=${name}`],
      differs: { PrepareScripts: "the built-in tools tree has a script of its own" },
    }),
  ),
  {
    name: "a default tools tree that is configured",
    files: {
      "mkosi.conf": `${DEBIAN}${ini("Build", "ToolsTree=yes", "ToolsTreeDistribution=debian", "ToolsTreeRelease=sid", "ToolsTreePackages=z,a", "ToolsTreeProfiles=devel", "ToolsTreeRepositories=contrib", "Environment=A=1 B=2", "SourceDateEpoch=7")}[Config]\nPassEnvironment=B\n[Content]\nSourceDateEpoch=7\n`,
    },
    differs: { PrepareScripts: "ours" },
  },
  {
    name: "tools tree packages on the command line",
    files: { "mkosi.conf": DEBIAN },
    argv: [
      "--tools-tree=default",
      "--tools-tree-package=strace",
      "--tools-tree-mirror=http://m",
      "--tools-tree-profile=devel",
    ],
    differs: { PrepareScripts: "ours" },
  },
  {
    name: "mkosi.tools.conf and mkosi.initrd.conf",
    files: {
      "mkosi.conf": `${DEBIAN}[Build]\nToolsTree=default\n[Content]\nBootable=yes\n`,
      "mkosi.tools.conf": "[Content]\nPackages=gdb\n[Output]\nOutput=mytools\n",
      "mkosi.initrd.conf": "[Content]\nPackages=vim\n",
    },
    differs: { PrepareScripts: "ours" },
  },
  {
    name: "mkosi.tools.conf/ and mkosi.initrd.conf/ as directories",
    files: {
      "mkosi.conf": `${DEBIAN}[Build]\nToolsTree=default\n[Content]\nBootable=yes\n`,
      "mkosi.tools.conf/mkosi.conf": "[Content]\nPackages=gdb\n",
      "mkosi.initrd.conf/mkosi.conf": "[Content]\nPackages=vim\n",
      "mkosi.initrd.conf/mkosi.extra/x": "",
    },
    differs: { PrepareScripts: "ours" },
  },
  {
    name: "a default initrd with everything it can be given",
    files: {
      "mkosi.conf": `${DEBIAN}[Content]\nBootable=yes\nInitrdPackages=vim,abc\nInitrdProfiles=lvm,network\nInitrdVolatilePackages=v\nKeymap=de\nTimezone=UTC\nHostname=h\nRootPassword=hashed:x\nLocale=C\n[Output]\nImageId=img\nImageVersion=3\nCompressLevel=9\n[Config]\nProfiles=p\n`,
      "mkosi.profiles/p.conf": "[Content]\nPackages=profiled\n",
    },
    differs: NETWORK,
  },
  {
    name: "initrd packages on the command line",
    files: { "mkosi.conf": `${DEBIAN}[Content]\nInitrdPackages=a\nBootable=yes\n` },
    argv: ["--initrd-package=zz", "--initrd-package=b", "--initrd-profile=raid"],
  },
  {
    name: "an initrd beside the default one",
    files: {
      "mkosi.conf": `${DEBIAN}[Content]\nInitrds=default,/x/y,rel\nBootable=yes\n[Output]\nOutputDirectory=out\n`,
    },
  },
  { name: "no initrd wanted", files: { "mkosi.conf": `${DEBIAN}[Content]\nInitrds=\nBootable=yes\n` } },
  { name: "the vm configuration is included", files: { "mkosi.conf": `${DEBIAN}[Include]\nInclude=mkosi-vm\n` } },
  { name: "the vm configuration on the command line", argv: ["-d", "fedora", "-I", "mkosi-vm"] },
  {
    name: "the add-on configuration",
    argv: ["-I", "mkosi-addon"],
    unordered: UNORDERED,
  },
  {
    name: "the initrd configuration",
    argv: ["-d", "debian", "-r", "sid", "-I", "mkosi-initrd", "--profile", "network,nfs"],
    unordered: UNORDERED,
    differs: NETWORK,
  },
];
