// What is known of the distributions of rpm packages: architectures, and where their keys are.

/** rpm's names of architectures, by ours. */
const NAMES = {
  arm64: "aarch64",
  "mips-le": "mipsel",
  "mips64-le": "mips64el",
  "ppc64-le": "ppc64le",
  riscv64: "riscv64",
  s390x: "s390x",
  "x86-64": "x86_64",
} as const;

type Known = keyof typeof NAMES;

function pick(...architectures: Known[]): Readonly<Record<string, string>> {
  return Object.fromEntries(architectures.map((architecture) => [architecture, NAMES[architecture]]));
}

export const FEDORA_ARCHITECTURES: Readonly<Record<string, string>> = NAMES;
export const EL_ARCHITECTURES = pick("arm64", "ppc64-le", "s390x", "x86-64");
export const AZURE_ARCHITECTURES = pick("arm64", "x86-64");
export const MAGEIA_ARCHITECTURES = pick("arm64", "x86-64");
export const OPENMANDRIVA_ARCHITECTURES = pick("arm64", "riscv64", "x86-64");
export const OPENSUSE_ARCHITECTURES = pick("arm64", "x86-64");

/** Where the collection of all distributions' keys is kept. */
const COLLECTION = "https://raw.githubusercontent.com/rpm-software-management/distribution-gpg-keys/main/keys";

/** A key's file in the collection, and where its distribution has it for download. */
export interface KeyPlace {
  readonly path: string;
  readonly url: string;
}

function collected(path: string): KeyPlace {
  return { path, url: `${COLLECTION}/${path}` };
}

function centos(name: string): KeyPlace {
  return { path: `centos/RPM-GPG-KEY-CentOS-${name}`, url: `https://www.centos.org/keys/RPM-GPG-KEY-CentOS-${name}` };
}

/** @param release a number, or `rawhide` */
export const fedoraKey = (release: string): KeyPlace => collected(`fedora/RPM-GPG-KEY-fedora-${release}-primary`);
export const azureKey: KeyPlace = collected("azure-linux/MICROSOFT-RPM-GPG-KEY");
export const centosKeys = (major: number): readonly KeyPlace[] => [
  centos(major <= 9 ? "Official" : "Official-SHA256"),
  centos("SIG-Extras"),
];
export const hyperscaleKey: KeyPlace = centos("SIG-HyperScale");
export const epelKey = (major: number): KeyPlace => ({
  path: `epel/RPM-GPG-KEY-EPEL-${major}`,
  url: `https://dl.fedoraproject.org/pub/epel/RPM-GPG-KEY-EPEL-${major}`,
});
export const rockyKey = (major: number): KeyPlace => ({
  path: `rocky/RPM-GPG-KEY-Rocky-${major}`,
  url: `https://download.rockylinux.org/pub/rocky/RPM-GPG-KEY-Rocky-${major}`,
});
export const almaKey = (major: number): KeyPlace => ({
  path: `alma/RPM-GPG-KEY-AlmaLinux-${major}`,
  url: `https://repo.almalinux.org/almalinux/RPM-GPG-KEY-AlmaLinux-${major}`,
});
export const redhatKey = (major: number): KeyPlace => ({
  path: `redhat/RPM-GPG-KEY-redhat${major}-release`,
  url: "https://access.redhat.com/security/data/fd431d51.txt",
});
export const mageiaKey = (release: string, architecture: string): KeyPlace => ({
  path: "mageia/RPM-GPG-KEY-Mageia",
  url: `https://mirrors.kernel.org/mageia/distrib/${release}/${architecture}/media/core/release/media_info/pubkey`,
});
export const openmandrivaKey: KeyPlace = {
  path: "openmandriva/RPM-GPG-KEY-OpenMandriva",
  url: "https://raw.githubusercontent.com/OpenMandrivaAssociation/openmandriva-repos/master/RPM-GPG-KEY-OpenMandriva",
};

/** openSUSE's keys; Leap has packages of SUSE's and of the community's. */
export const TUMBLEWEED_KEYS: readonly string[] = [
  "opensuse/RPM-GPG-KEY-openSUSE-Tumbleweed",
  "opensuse/RPM-GPG-KEY-openSUSE",
];
export const LEAP_KEYS: readonly string[] = [
  "opensuse/RPM-GPG-KEY-openSUSE",
  "opensuse/RPM-GPG-KEY-openSUSE-16-Backports",
  "opensuse/RPM-GPG-KEY-openSUSE-2022",
  "opensuse/RPM-GPG-KEY-openSUSE-Backports",
  "opensuse/RPM-GPG-KEY-openSUSE-Backports-2023",
  "suse/RPM-GPG-KEY-SuSE-SLE-12",
  "suse/RPM-GPG-KEY-SuSE-SLE-Main-2023",
  "suse/RPM-GPG-KEY-SuSE-ALP-Main",
];
