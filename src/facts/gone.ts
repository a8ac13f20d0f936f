// What former versions of the original mkosi (10 to 26) had and this one has not, with what does its work now. Names
// are compared in any case, as their spelling varied.

const REPART = "Write partition definitions into mkosi.repart/";
const SOURCES = "Sources are mounted for build scripts, see BuildSources=.";
const SPLIT = "Use SplitArtifacts=partitions, and SplitName= in the partition definitions.";
const NO_SUCCESSOR = "Nothing came in its place; remove it.";

/** Settings, and what to do instead. Their options are the same words in lower case with dashes. */
export const GONE_SETTINGS: Readonly<Record<string, string>> = {
  // 26
  RuntimeScratch: "Use RuntimeSize= to enlarge the image before it is booted, or Drives= for a disk of its own.",
  CDROM: "Use DiskType=scsi-cd.",
  QemuCdrom: "Use DiskType=scsi-cd.",
  // 25
  InitrdInclude: "Make the initrd an image in mkosi.images/ that has Include=mkosi-initrd, and name it in Initrds=.",
  QemuGui: "Use Console=gui.",
  // 24
  Append: "Options always count after the files, remove it.",
  Images: "Use Dependencies=.",
  Presets: "Use Dependencies=.",
  CleanPackageManagerMetadata: "Use CleanPackageMetadata=.",
  // 15
  AllDirectory: "Make them images in mkosi.images/ or profiles in mkosi.profiles/.",
  BaseImage: "Use BaseTrees= with Overlay=yes.",
  BasePackages: "Name all packages that the image shall have in Packages=.",
  BIOSSize: `${REPART}, and use BiosBootloader=grub.`,
  BMap: "Run bmaptool in a script of PostOutputScripts=.",
  BootProtocols: "Use Bootloader= and BiosBootloader= for the image, Firmware= for the virtual machine.",
  BuildEnvironment: "Use Environment=.",
  BuildSourcesTargets: "Use BuildSources=SOURCE:TARGET.",
  Cache: "Use CacheDirectory= or PackageCacheDirectory=.",
  CacheInitrd: "Use Incremental=, or name an initrd that is built already in Initrds=.",
  Compress: "Use CompressOutput=.",
  CompressFs: `${REPART} with Compression=.`,
  Default: "Use Include=.",
  Encrypt: `${REPART} with Encrypt=.`,
  ESPSize: `${REPART} with SizeMinBytes=.`,
  Force: "Give --force on the command line.",
  GPTFirstLBA: NO_SUCCESSOR,
  HomeSize: `${REPART} with SizeMinBytes=.`,
  HostonlyInitrd: "Use KernelInitrdModules=host.",
  IdMap: NO_SUCCESSOR,
  IncludeDir: "Use Incremental=yes, and read the header files from the cached image.",
  IncludeDirectory: "Use Incremental=yes, and read the header files from the cached image.",
  InstallDirectory: "Build scripts install into $DESTDIR, which is made part of the image.",
  Minimize: `${REPART} with Minimize=.`,
  Mksquashfs: "Put a program of that name into a directory of ExtraSearchPaths=.",
  Netdev: "Put a .network file into the image with ExtraTrees=, and use RuntimeNetwork=.",
  NetworkVeth: "Put a .network file into the image with ExtraTrees=, and use RuntimeNetwork=.",
  NetworkZone: "Use RuntimeNetwork=.",
  NoChown: "Outputs belong to the user who runs mkosi, remove it.",
  NspawnKeepUnit: NO_SUCCESSOR,
  OutputSplitKernel: "Use SplitArtifacts=uki,kernel.",
  OutputSplitRoot: SPLIT,
  OutputSplitVerify: SPLIT,
  OutputSplitVerity: SPLIT,
  Password: "Use RootPassword=.",
  PasswordIsHashed: "Write RootPassword=hashed: and the hash.",
  QCow2: "Run qemu-img convert in a script of PostOutputScripts=.",
  QemuBoot: "Use Firmware=.",
  QemuHeadless: "It is so by default; for a window there is Console=gui.",
  ReadOnly: `${REPART} with ReadOnly=.`,
  RepositoryDirectory: "Use SandboxTrees= or SkeletonTrees=.",
  RootSize: `${REPART} with SizeMinBytes=.`,
  SecureBootCommonName: "Give --genkey-common-name on the command line.",
  SecureBootValidDays: "Give --genkey-valid-days on the command line.",
  SkipFinalPhase: "Images are built in one go, remove it.",
  SourceFileTransfer: SOURCES,
  SourceFileTransferFinal: SOURCES,
  SourceResolveSymlinks: SOURCES,
  SourceResolveSymlinksFinal: SOURCES,
  SrvSize: `${REPART} with SizeMinBytes=.`,
  SshAgent: "Run mkosi genkey for the key that mkosi ssh uses; put other public keys into the image with ExtraTrees=.",
  SshPort: "The machine is reached by its vsock, which has no ports to choose; remove it.",
  SshTimeout: NO_SUCCESSOR,
  SwapSize: `${REPART} with SizeMinBytes=.`,
  TarStripSELinuxContext: "Leave the attributes out when the archive is extracted, or use SELinuxRelabel=no.",
  TmpSize: `${REPART} with SizeMinBytes=.`,
  UseHostRepositories: "Use SandboxTrees= with the host's repository files.",
  UsrOnly: `${REPART} with CopyFiles=/usr:/.`,
  VarSize: `${REPART} with SizeMinBytes=.`,
  WithoutUnifiedKernelImages: "Use UnifiedKernelImages=none.",
  WithUnifiedKernelImages: "Use UnifiedKernelImages=.",
  XBOOTLDRSize: `${REPART} with SizeMinBytes=.`,
  XZ: "Use CompressOutput=xz.",
};

const SECTIONS: Readonly<Record<string, string>> = {
  Packages: "Its settings are in [Content] now.",
  Partitions: `${REPART} instead.`,
  Preset: "Its settings are in [Config] now; images are in mkosi.images/.",
};

/** Files that were configuration once. */
export const GONE_FILES: Readonly<Record<string, string>> = {
  "mkosi.default": "Rename it to mkosi.conf.",
  "mkosi.default.d": "Rename it to mkosi.conf.d, and the files in it to NAME.conf.",
  "mkosi.presets": "Rename it to mkosi.images.",
  "mkosi.files": "Make its files images in mkosi.images/ or profiles in mkosi.profiles/.",
  "mkosi.installdir": "Build scripts install into $DESTDIR, which is made part of the image.",
  "mkosi.includedir": "Read the header files from the cached image (Incremental=yes).",
};

/** Letters after `%`. */
export const GONE_SPECIFIERS: Readonly<Record<string, string>> = {
  p: "Match on Profiles= instead, or set the value in the profile's own file.",
};

const NO_DISTRIBUTION = "It is not supported any more; Distribution=custom takes a tree that is made elsewhere.";
const EPEL = "Leave _epel out and use Repositories=epel.";
const FILE_SYSTEM =
  "Use Format=disk, and choose the file system with Format= in the partition definitions of mkosi.repart/.";

/** Values, by their setting. */
const VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Distribution: {
    alma_epel: EPEL,
    centos_epel: EPEL,
    clear: NO_DISTRIBUTION,
    gentoo: NO_DISTRIBUTION,
    photon: NO_DISTRIBUTION,
    rocky_epel: EPEL,
  },
  Format: {
    gpt_btrfs: FILE_SYSTEM,
    gpt_ext4: FILE_SYSTEM,
    gpt_squashfs: FILE_SYSTEM,
    gpt_xfs: FILE_SYSTEM,
    plain_squashfs: "Use Format=disk with one squashfs partition in mkosi.repart/, and SplitArtifacts=partitions.",
    raw_btrfs: FILE_SYSTEM,
    raw_ext4: FILE_SYSTEM,
    raw_squashfs: FILE_SYSTEM,
    raw_xfs: FILE_SYSTEM,
    subvolume: "Use Format=directory with UseSubvolumes=yes.",
  },
  SecureBootSignTool: { pesign: "Use sbsign or systemd-sbsign." },
};

const VERBS: Readonly<Record<string, string>> = { vmspawn: "Run mkosi vm with VirtualMachineMonitor=vmspawn." };

const byLowerCase = (table: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(table).map(([name, successor]) => [name.toLowerCase(), successor]));

const settings = byLowerCase(GONE_SETTINGS);

/** What does the work of a setting (without `=`) or option (without `--`) that was removed; undefined for other names. */
export function goneSetting(name: string): string | undefined {
  return settings.get(name.replaceAll("-", "").toLowerCase());
}

/** What to write in place of a value that a setting had once. */
export function goneValue(setting: string, value: string): string | undefined {
  const values = Object.hasOwn(VALUES, setting) ? VALUES[setting] : undefined;
  return values !== undefined && Object.hasOwn(values, value) ? values[value] : undefined;
}

export function goneSection(name: string): string | undefined {
  return Object.hasOwn(SECTIONS, name) ? SECTIONS[name] : undefined;
}

export function goneVerb(name: string): string | undefined {
  return Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
}
