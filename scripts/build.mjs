// Bundles src/ into dist/main.cjs, one file that is a function (see bin/mkosi), and compiles it ahead. What is imported
// lazily is in it, too, but does not run before it is asked for.

import { execFileSync } from "node:child_process";
import { mkdir, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const staging = join(root, `dist.${process.pid}`);
const dist = join(root, "dist");
const { version } = createRequire(import.meta.url)("../package.json");

await mkdir(staging, { recursive: true });
try {
  await build({
    absWorkingDir: root,
    entryPoints: ["src/main.ts"],
    outfile: join(staging, "main.cjs"),
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    banner: { js: "(function (require, programDirectory) {" },
    footer: { js: "})" },
    define: { MKOSI_VERSION: JSON.stringify(version), "import.meta.dirname": "programDirectory" },
    minifySyntax: true,
    logLevel: "warning",
  });
  runScript("code-cache.mjs", join(staging, "main.cjs"));
  // Written in TypeScript, as it is made of docs/ by the same code as `mkosi documentation`.
  runScript("run-ts.mjs", join(root, "scripts/manual-page.ts"), join(staging, "man", "mkosi.1"));
  await rm(dist, { recursive: true, force: true });
  await rename(staging, dist);
} catch (error) {
  // esbuild and the scripts have already said what is wrong.
  if (error.errors === undefined && error.status === undefined) throw error;
  process.exitCode = 1;
} finally {
  await rm(staging, { recursive: true, force: true });
}

function runScript(name, ...args) {
  execFileSync(process.execPath, [join(root, "scripts", name), ...args], { stdio: ["ignore", "inherit", "inherit"] });
}
