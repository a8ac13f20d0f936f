// The settings of partition definitions, as repart.d(5) of systemd 262 has them, and what each is for in one sentence.

export interface PartitionSetting {
  readonly help: string;
  /** What it may be, where that is a word out of a set. */
  readonly words?: readonly string[];
  /** Whether other words are possible, too. */
  readonly open?: true;
}

const BOOLEAN = ["yes", "no"];

const bare = (base: string): string[] => ["", "-verity", "-verity-sig"].map((end) => `${base}${end}`);
const TYPES = [
  ...["esp", "xbootldr", "swap", "home", "srv", "var", "tmp", "linux-generic"],
  ...["root", "root-secondary", "usr", "usr-secondary"].flatMap(bare),
];

/** Names are compared as they are written: systemd's are case-sensitive. */
export const PARTITION_SETTINGS: Readonly<Record<string, PartitionSetting>> = {
  Type: { help: "The partition's type: a UUID, or a name such as root, usr, esp or swap.", words: TYPES, open: true },
  Label: { help: "The partition's label." },
  VolumeLabel: { help: "The label of the LUKS superblock." },
  VolumeName: { help: "The name of the device-mapper volume while the encrypted partition is open." },
  UUID: { help: "The partition's UUID; without it, one that is made of the seed." },
  Priority: { help: "Where not everything fits, partitions with the highest numbers above 0 are left out first." },
  Weight: { help: "The partition's part of the free space, next to the others' weights (0 to 1000000)." },
  PaddingWeight: { help: "The same for the space behind the partition." },
  SizeMinBytes: { help: "The least size, in bytes or with K, M, G, T." },
  SizeMaxBytes: { help: "The largest size, in bytes or with K, M, G, T." },
  PaddingMinBytes: { help: "The least space behind the partition, in bytes or with K, M, G, T." },
  PaddingMaxBytes: { help: "The most space behind the partition, in bytes or with K, M, G, T." },
  CopyBlocks: { help: "The file or device whose blocks fill the partition.", words: ["auto"], open: true },
  Format: {
    help: "The file system that is made in the partition.",
    words: ["ext4", "btrfs", "xfs", "vfat", "erofs", "squashfs", "swap"],
    open: true,
  },
  CopyFiles: { help: "What is copied into the file system: SOURCE[:TARGET[:OPTIONS]], relative to the image's tree." },
  ExcludeFiles: { help: "Paths of the source that CopyFiles= leaves out." },
  ExcludeFilesTarget: { help: "Paths in the file system that CopyFiles= leaves alone." },
  MakeDirectories: { help: "Directories that are made in the file system." },
  MakeSymlinks: { help: "Symbolic links that are made in the file system: LINK:TARGET." },
  Subvolumes: { help: "Directories that become subvolumes of Btrfs." },
  DefaultSubvolume: { help: "The subvolume of Btrfs that is mounted by default." },
  BlockDeviceReplace: { help: "The mount point whose Btrfs file system moves to this partition." },
  Encrypt: {
    help: "Whether and how the partition is encrypted by LUKS2.",
    words: ["off", "key-file", "tpm2", "key-file+tpm2", ...BOOLEAN],
  },
  EncryptKDF: { help: "How LUKS2 derives keys from passphrases.", words: ["argon2id", "pbkdf2", "minimal"] },
  KeyFile: { help: "The file with the key of the encrypted partition." },
  TPM2PCRs: { help: "The PCRs that the key in the TPM is bound to." },
  Discard: { help: "Whether discards go through the encryption.", words: BOOLEAN },
  Integrity: { help: "Whether LUKS2 protects the data from changes.", words: ["off", "inline"], open: true },
  IntegrityAlgorithm: {
    help: "The algorithm of Integrity=.",
    words: ["hmac-sha1", "hmac-sha256", "hmac-sha512"],
    open: true,
  },
  Verity: {
    help: "The partition's part in dm-verity: the data, the hashes, or the signature.",
    words: ["off", "data", "hash", "signature"],
  },
  VerityMatchKey: { help: "A name that partitions which belong together by Verity= have in common." },
  VerityDataBlockSizeBytes: { help: "The size of data blocks: a power of two from 512 to 4096." },
  VerityHashBlockSizeBytes: { help: "The size of hash blocks: a power of two from 512 to 4096." },
  FactoryReset: { help: "Whether a factory reset removes the partition.", words: BOOLEAN },
  Flags: { help: "The flags of the partition table's entry, as one number." },
  NoAuto: { help: "Whether the partition is not mounted automatically.", words: BOOLEAN },
  ReadOnly: { help: "Whether the partition is mounted read-only.", words: BOOLEAN },
  GrowFileSystem: { help: "Whether the file system grows to the partition's size when it is mounted.", words: BOOLEAN },
  SplitName: { help: "What the partition's own file is called with SplitArtifacts=partitions; - for none." },
  Minimize: {
    help: "Whether the partition is made as small as its files allow.",
    words: ["off", "best", "guess", ...BOOLEAN],
  },
  MountPoint: { help: "Where the partition is mounted, and with which options: PATH[:OPTIONS]." },
  EncryptedVolume: { help: "NAME[:KEYFILE[:OPTIONS]] for crypttab(5)." },
  Compression: { help: "The compression of squashfs, erofs or btrfs." },
  CompressionLevel: { help: "The level of Compression=." },
  SupplementFor: { help: "The other definition that this one takes the place of, or adds to, when it fits." },
  AddValidateFS: { help: "Whether the file system says where it may be mounted.", words: BOOLEAN },
  FileSystemSectorSize: { help: "The sector size that the file system is made for." },
};
