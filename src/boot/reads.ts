// Where in the tree the boot loader's installation and that of kernels look, for Step.looksAt.

/** kernel-install's and bootctl's idea of how entries are named. */
const NAMING = [
  ...["etc/machine-id", "etc/machine-info", "etc/os-release", "usr/lib/os-release"],
  ...["etc/kernel", "usr/lib/kernel"],
];

/** What placeKernels() and the boot loaders' installations look at. */
export const LOADER_READS: readonly string[] = [
  ...["usr/lib/modules", "usr/lib/systemd/boot", "boot", "efi"],
  ...["usr/lib/grub", "usr/share/grub", "usr/lib/shim", "usr/share/shim", "usr/share/efi"],
  ...NAMING,
];

/** What installKernels() looks at: also what goes into the initrd with modules. */
export const KERNEL_READS: readonly string[] = [
  ...LOADER_READS,
  "usr/lib/firmware",
  "usr/lib/linux-image-",
  "etc/depmod.d",
  "usr/lib/depmod.d",
];
