// What people call things that mkosi has another word for, for "did you mean".

/** By the word in lower case. */
export const SYNONYMS: Readonly<Record<string, string>> = {
  aarch64: "arm64",
  amd64: "x86-64",
  armhf: "arm",
  armv7l: "arm",
  i386: "x86",
  i586: "x86",
  i686: "x86",
  ia32: "x86",
  loong64: "loongarch64",
  mips64el: "mips64-le",
  mipsel: "mips-le",
  ppc64el: "ppc64-le",
  ppc64le: "ppc64-le",
  x64: "x86-64",
  x86_64: "x86-64",
  // formats
  dir: "directory",
  folder: "directory",
  gpt: "disk",
  image: "disk",
  img: "disk",
  initramfs: "cpio",
  initrd: "cpio",
  iso: "disk",
  raw: "disk",
  tarball: "tar",
  // distributions
  archlinux: "arch",
  "centos-stream": "centos",
  redhat: "rhel",
};
