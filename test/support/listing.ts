// What a tree is, as one text to compare.

import { execFileSync } from "node:child_process";

/** Types, modes, owners, names, link targets, attributes and contents of a tree; of logs and of ldconfig's notes only the names, as times are in them. */
export function listing(directory: string): string {
  const script = `find . -printf '%y %m %U:%G %p %l\\n' | LC_ALL=C sort
find . -type f ! -path './var/log/*' ! -name aux-cache -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
getfattr -R -P -h -d -m - .`;
  return execFileSync("sh", ["-c", script], { cwd: directory, encoding: "utf8", maxBuffer: 1 << 28 });
}
