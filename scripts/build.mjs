// Bundles src/ into dist/: a small main chunk for the start, and a chunk of its own for everything that is imported
// lazily, so that `mkosi summary` never loads what only a build needs.

import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const staging = join(root, `dist.${process.pid}`);
const dist = join(root, "dist");

// CommonJS packages in an ES module bundle look for `require`, which ES modules lack.
const requireShim =
  'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);';

const { version } = createRequire(import.meta.url)("../package.json");

await mkdir(staging, { recursive: true });
try {
  await build({
    absWorkingDir: root,
    entryPoints: ["src/main.ts"],
    outdir: staging,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "linked",
    sourcesContent: false,
    chunkNames: "chunks/[name]-[hash]",
    define: { MKOSI_VERSION: JSON.stringify(version) },
    minifySyntax: true,
    logLevel: "warning",
  });
  await shimRequire(staging);
  await shimRequire(join(staging, "chunks"));
  writeManualPage(join(staging, "man", "mkosi.1"));
  await rm(dist, { recursive: true, force: true });
  await rename(staging, dist);
} catch (error) {
  // esbuild has already said what is wrong with the sources.
  if (error.errors === undefined) throw error;
  process.exitCode = 1;
} finally {
  await rm(staging, { recursive: true, force: true });
}

/** mkosi(1), made of docs/ by a program of its own since it is written in TypeScript. */
function writeManualPage(file) {
  const program = [join(root, "scripts/run-ts.mjs"), join(root, "scripts/manual-page.ts"), file];
  execFileSync(process.execPath, program, { stdio: ["ignore", "inherit", "inherit"] });
}

/** Prepends the shim to the chunks that need it, on their first line so that source maps stay right. */
async function shimRequire(directory) {
  for (const name of await readdir(directory).catch(() => [])) {
    if (!name.endsWith(".js")) continue;
    const file = join(directory, name);
    const text = await readFile(file, "utf8");
    if (/\brequire\b/.test(text)) await writeFile(file, requireShim + text);
  }
}
