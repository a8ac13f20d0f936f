// The kernel modules that an initrd needs to reach a root file system on usual machines: what `default` stands for
// in KernelModules= and KernelInitrdModules=.

import type { Architecture } from "./architectures.ts";

const COMMON = `
  ahci amd_atl amd_ctl amd-pmc amd64_edac atkbd autofs4 binfmt_misc btrfs cdrom cfg80211 configfs crc-ccitt dm-crypt
  dm-integrity dm-mod dm-multipath dm-raid dm-verity dmi-sysfs edac_mce_amd efi-pstore efivarfs erofs evdev ext4
  firmware_attributes_class hid-generic i2c-algo-bit i2c_hid_acpi i2c-mux i2c-smbus i8042 intel_pmc_ssram_telemetry
  intel_rapl_common intel-uncore-frequency-common intel-vsec kvm libphy loop mdio_devres mei nvme nvmet-tcp overlay
  parport platform_profile pmt_telemetry qemu_fw_cfg raid[0-9]* rapl scsi_mod sd_mod sr_mod serio sg skx_edac_common
  squashfs thunderbolt_net tpm_tis tpm_vtpm_proxy typec_ucsi ucsi_acpi usbhid usb-storage vfat video virtio_balloon
  virtio_blk virtio_console virtio_dma_buf virtio_mmio virtio_net virtio_pci virtio_scsi virtio-rng virtiofs vmd
  vmw_vsock_virtio_transport vsock watchdog wmi wmi-bmof x_tables xfs xhci-pci-renesas /fs/nls/ crypto/
  -/drivers/crypto/ ccp_crypto zram nfnetlink
`;

const ARM64 = "/drivers/mmc/host/ brcmutil udc-core";

/** Glob patterns as KernelModules= takes them, in their order. */
export function defaultInitrdModules(architecture: Architecture): readonly string[] {
  return `${COMMON} ${architecture === "arm64" ? ARM64 : ""}`.trim().split(/\s+/);
}
