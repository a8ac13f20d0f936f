// The [Content] section: which kernel modules and firmware stay.

import { setting } from "./setting.ts";
import { boolean } from "./types/boolean.ts";
import { list } from "./types/list.ts";
import { fileExpressions, filePatterns } from "./types/special.ts";

export const contentKernel = {
  kernelModulesInclude: setting({
    name: "KernelModulesInclude",
    section: "Content",
    option: "kernel-modules-include",
    type: list(fileExpressions),
    scope: "local",
    into: "kernelModules",
    help: "Kernel modules that are kept (regular expressions).",
  }),
  kernelModulesExclude: setting({
    name: "KernelModulesExclude",
    section: "Content",
    option: "kernel-modules-exclude",
    type: list(fileExpressions),
    scope: "local",
    help: "Kernel modules that are left out (regular expressions).",
  }),
  kernelModules: setting({
    name: "KernelModules",
    section: "Content",
    option: "kernel-modules",
    type: list(filePatterns),
    scope: "local",
    help: "Kernel modules and their firmware that are kept (glob patterns; a minus leaves out).",
  }),
  kernelModulesIncludeHost: setting({
    name: "KernelModulesIncludeHost",
    section: "Content",
    option: "kernel-modules-include-host",
    type: boolean,
    scope: "local",
    help: "Whether modules that are loaded on this machine are kept.",
  }),
  kernelModulesInitrd: setting({
    name: "KernelModulesInitrd",
    section: "Content",
    option: "kernel-modules-initrd",
    type: boolean,
    default: true,
    scope: "local",
    help: "Whether the kernel's modules are added to its initrd.",
  }),
  kernelModulesInitrdInclude: setting({
    name: "KernelModulesInitrdInclude",
    section: "Content",
    option: "kernel-modules-initrd-include",
    type: list(fileExpressions),
    scope: "local",
    into: "kernelInitrdModules",
    help: "Kernel modules for the initrd (regular expressions).",
  }),
  kernelModulesInitrdExclude: setting({
    name: "KernelModulesInitrdExclude",
    section: "Content",
    option: "kernel-modules-initrd-exclude",
    type: list(fileExpressions),
    scope: "local",
    help: "Kernel modules that the initrd is without (regular expressions).",
  }),
  kernelInitrdModules: setting({
    name: "KernelInitrdModules",
    section: "Content",
    option: "kernel-initrd-modules",
    type: list(filePatterns),
    scope: "local",
    help: "Kernel modules for the initrd (glob patterns; a minus leaves out).",
  }),
  kernelModulesInitrdIncludeHost: setting({
    name: "KernelModulesInitrdIncludeHost",
    section: "Content",
    option: "kernel-modules-initrd-include-host",
    type: boolean,
    scope: "local",
    help: "Whether modules that are loaded on this machine go into the initrd.",
  }),
  firmwareInclude: setting({
    name: "FirmwareInclude",
    section: "Content",
    option: "firmware-include",
    type: list(fileExpressions),
    scope: "local",
    into: "firmwareFiles",
    help: "Firmware files that are kept (regular expressions).",
  }),
  firmwareExclude: setting({
    name: "FirmwareExclude",
    section: "Content",
    option: "firmware-exclude",
    type: list(fileExpressions),
    scope: "local",
    help: "Firmware files that are left out (regular expressions).",
  }),
  firmwareFiles: setting({
    name: "FirmwareFiles",
    section: "Content",
    option: "firmware-files",
    type: list(filePatterns),
    scope: "local",
    help: "Firmware files that are kept (glob patterns; a minus leaves out).",
  }),
};
