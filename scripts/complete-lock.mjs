// Adds to package-lock.json the platform packages that a registry without them made `npm install` leave out:
// `npm ci` refuses a lock file that does not name all optional dependencies. Run it after `npm install`.

import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
let added = 0;
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const platform = /(android|darwin|freebsd|linux|openharmony|win32)-([a-z0-9]+)(?:-(.*))?$/.exec(name);
    if (lock.packages[`node_modules/${name}`] || !platform) continue;
    const [, os, cpu, abi = ""] = platform;
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu],
      ...(parent.dev ? { dev: true } : {}),
      ...(os === "linux" ? { libc: [abi.startsWith("musl") ? "musl" : "glibc"] } : {}),
      optional: true,
      os: [os],
    };
    added += 1;
  }
}
if (added > 0) {
  const root = lock.packages[""];
  const rest = Object.entries(lock.packages).filter(([path]) => path !== "");
  lock.packages = { "": root, ...Object.fromEntries(rest.sort(([a], [b]) => (a < b ? -1 : 1))) };
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}
console.log(`${added} platform packages added to package-lock.json`);
