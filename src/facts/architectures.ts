// The architectures by mkosi's names, and what the world outside calls them.

export const ARCHITECTURES = [
  "alpha",
  "arc",
  "arm",
  "arm64",
  "ia64",
  "loongarch64",
  "mips-le",
  "mips64-le",
  "parisc",
  "ppc",
  "ppc64",
  "ppc64-le",
  "riscv32",
  "riscv64",
  "s390",
  "s390x",
  "tilegx",
  "x86",
  "x86-64",
] as const;

export type Architecture = (typeof ARCHITECTURES)[number];

/** Suffix of EFI file names (`BOOTX64.EFI`); only these architectures have UEFI. */
export const EFI_NAMES: Readonly<Partial<Record<Architecture, string>>> = {
  x86: "ia32",
  "x86-64": "x64",
  arm: "arm",
  arm64: "aa64",
  riscv32: "riscv32",
  riscv64: "riscv64",
  loongarch64: "loongarch64",
};

/** GOARCH, by which OCI images say what they are for. */
export const OCI_NAMES: Readonly<Partial<Record<Architecture, string>>> = {
  arm: "arm",
  arm64: "arm64",
  loongarch64: "loong64",
  "mips64-le": "mips64le",
  "mips-le": "mipsle",
  ppc: "ppc",
  ppc64: "ppc64",
  "ppc64-le": "ppc64le",
  riscv32: "riscv",
  riscv64: "riscv64",
  s390x: "s390x",
  x86: "386",
  "x86-64": "amd64",
};

/** What QEMU calls the architectures that it has machines for (`qemu-system-x86_64`). */
export const QEMU_NAMES: Readonly<Partial<Record<Architecture, string>>> = {
  alpha: "alpha",
  arm: "arm",
  arm64: "aarch64",
  loongarch64: "loongarch64",
  "mips-le": "mips",
  "mips64-le": "mips",
  parisc: "hppa",
  ppc: "ppc",
  ppc64: "ppc64",
  "ppc64-le": "ppc64",
  riscv32: "riscv32",
  riscv64: "riscv64",
  s390x: "s390x",
  x86: "i386",
  "x86-64": "x86_64",
};

/** What Node calls the machine's architecture (`process.arch`). */
const BY_NODE: Readonly<Record<string, Architecture>> = {
  arm: "arm",
  arm64: "arm64",
  ia32: "x86",
  loong64: "loongarch64",
  mips: "mips-le",
  mipsel: "mips-le",
  ppc: "ppc",
  ppc64: "ppc64-le",
  riscv64: "riscv64",
  s390: "s390",
  s390x: "s390x",
  x64: "x86-64",
};

/** The architecture of this machine. */
export function nativeArchitecture(): Architecture {
  return BY_NODE[process.arch] ?? "x86-64";
}
