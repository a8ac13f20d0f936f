// Packages that `mkosi vm` needs in a tools tree beyond the lists that the configuration shares with other versions of
// mkosi. As apt patterns, since a release that lacks one is no reason to have no tools tree.

/** By the distribution of the tools tree. */
export const MACHINE_TOOLS: Readonly<Partial<Record<string, readonly string[]>>> = {
  debian: ["?exact-name(qemu-utils)", "?exact-name(vhost-device-vsock)"],
  ubuntu: ["?exact-name(qemu-utils)", "?exact-name(vhost-device-vsock)"],
  kali: ["?exact-name(qemu-utils)", "?exact-name(vhost-device-vsock)"],
};
