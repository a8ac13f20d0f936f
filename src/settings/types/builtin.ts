// The configurations that ship with the program (builtin/) and are included by their names.

export const BUILTIN_CONFIGURATIONS = ["mkosi-tools", "mkosi-initrd", "mkosi-vm", "mkosi-addon"] as const;
