// Which run of the machine this is: what was written in an earlier one has reached the disk, or it has not.

import { readFileSync } from "node:fs";

/** Another one after each start of the machine; see proc_sys_kernel(5). */
export function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
