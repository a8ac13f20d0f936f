// `mkosi init`: lets systemd-tmpfiles remove downloaded packages that nobody has used for a long time.

import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { Failure } from "../report/failure.ts";
import { print } from "../report/print.ts";
import { writeWhole } from "../report/whole-file.ts";
import type { Verb } from "./verb.ts";

/** Days. */
const UNUSED = 90;

/**
 * By tmpfiles.d(5); %C is the cache directory of the user, or /var/cache. Tools trees and layers have no line: one that
 * has lost some of its files would be broken, and mkosi removes them as a whole.
 */
const DROP_IN = `# Written by mkosi init: removes downloaded packages and metadata that were not used for a long time.
${["apt", "dnf", "zypper", "pacman", "apk"].map((name) => `e %C/mkosi/${name} - - - ${UNUSED}d\n`).join("")}`;

export const verb: Verb = {
  needsNamespace: false,
  async run({ args }) {
    const path = join(directory(), "mkosi.conf");
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeWhole(path, DROP_IN);
    } catch (cause) {
      throw new Failure(`${path} cannot be written: ${(cause as Error).message}`, {
        remedy: "make its directory writable for this user",
        cause,
      });
    }
    if (!args.quiet) print(path);
  },
};

/** What systemd-tmpfiles reads, for the system or (--user) for this user. */
function directory(): string {
  if (process.getuid?.() === 0) return "/etc/tmpfiles.d";
  const configured = process.env["XDG_CONFIG_HOME"];
  return join(configured?.startsWith("/") === true ? configured : join(homedir(), ".config"), "user-tmpfiles.d");
}
