// File systems by `f_type` of statfs(2), and what they mean for building.

export interface FileSystemFacts {
  readonly name: string;
  /** Why layers cannot be there. */
  readonly trouble?: string;
}

export const FILE_SYSTEMS: Readonly<Record<number, FileSystemFacts>> = {
  61267: { name: "ext4" },
  [0x9123683e]: { name: "btrfs" },
  [0x58465342]: { name: "xfs" },
  [0x01021994]: { name: "tmpfs" },
  [0x2fc12fc1]: { name: "zfs" },
  [0xf2f52010]: { name: "f2fs" },
  [0x794c7630]: { name: "overlayfs", trouble: "an overlay cannot be the upper directory of another one" },
  [0x6969]: { name: "nfs", trouble: "it has no attributes that overlayfs needs" },
  [0x01021997]: { name: "9p", trouble: "it has no attributes that overlayfs needs" },
  [0x4d44]: { name: "vfat", trouble: "it has neither owners nor attributes" },
};
