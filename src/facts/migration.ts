// How what former versions of the original mkosi (1 to 26) had is written today, where that can be said word for word.
// What has no such translation is in gone.ts, with what to do instead.

/** Names that only need to be replaced; names by case alone, and those that are still read, are not listed. */
export const RENAMED: Readonly<Record<string, string>> = {
  BuildEnvironment: "Environment",
  Cache: "PackageCacheDirectory",
  CleanPackageManagerMetadata: "CleanPackageMetadata",
  Compress: "CompressOutput",
  Images: "Dependencies",
  OutputDir: "OutputDirectory",
  Password: "RootPassword",
  Presets: "Dependencies",
};

/** Settings that became a word of another one: for what was switched on, and for what was switched off (empty: nothing). */
export const SWITCHES: Readonly<Record<string, { readonly on: string; readonly off: string }>> = {
  CDROM: { on: "DiskType=scsi-cd", off: "" },
  HostonlyInitrd: { on: "KernelInitrdModules=host", off: "" },
  OutputSplitKernel: { on: "SplitArtifacts=uki,kernel", off: "" },
  QemuCdrom: { on: "DiskType=scsi-cd", off: "" },
  QemuGui: { on: "Console=gui", off: "" },
  QemuHeadless: { on: "", off: "Console=gui" },
  WithUnifiedKernelImages: { on: "UnifiedKernelImages=auto", off: "UnifiedKernelImages=none" },
  WithoutUnifiedKernelImages: { on: "UnifiedKernelImages=none", off: "UnifiedKernelImages=auto" },
  XZ: { on: "CompressOutput=xz", off: "" },
};

const FILE_SYSTEM =
  "which file system its partitions have is said by Format= in the partition definitions of mkosi.repart/ now";

export interface Replacement {
  readonly assignments: readonly string[];
  /** What is lost. */
  readonly loss?: string;
}

const disk: Replacement = { assignments: ["Format=disk"], loss: FILE_SYSTEM };
const epel = (name: string): Replacement => ({ assignments: [`Distribution=${name}`, "Repositories=epel"] });

/** Values, by setting. */
export const VALUES: Readonly<Record<string, Readonly<Record<string, Replacement>>>> = {
  Distribution: { alma_epel: epel("alma"), centos_epel: epel("centos"), rocky_epel: epel("rocky") },
  Format: {
    raw_gpt: { assignments: ["Format=disk"] },
    ...Object.fromEntries(
      ["gpt", "raw"].flatMap((table) => ["ext4", "xfs", "btrfs", "squashfs"].map((name) => [`${table}_${name}`, disk])),
    ),
    subvolume: { assignments: ["Format=directory", "UseSubvolumes=yes"] },
  },
};

/** Sections that are called otherwise; what they held may belong elsewhere. */
export const RENAMED_SECTIONS: Readonly<Record<string, string>> = {
  Host: "Runtime",
  Packages: "Content",
  Preset: "Config",
};
