// Runs a TypeScript program of this checkout: node scripts/run-ts.mjs FILE [args…]. Node 20 reads no TypeScript, so the
// program is bundled first, beside the packages that it may import.

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const [file = "", ...args] = process.argv.slice(2);
const cache = resolve(import.meta.dirname, "../node_modules/.cache");
const outfile = resolve(cache, `${basename(file, ".ts")}.${process.pid}.mjs`);
mkdirSync(cache, { recursive: true });
await build({
  entryPoints: [file],
  outfile,
  bundle: true,
  packages: "external",
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: "inline",
  plugins: [{ name: "place", setup: keepPlaces }],
  logLevel: "warning",
});
process.argv.splice(1, process.argv.length - 1, resolve(file), ...args);
try {
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(outfile, { force: true });
}

/** Every source keeps its own place, although all end up in one file. */
function keepPlaces(bundler) {
  bundler.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
    contents: readFileSync(path, "utf8").replaceAll("import.meta.dirname", JSON.stringify(dirname(path))),
    loader: "ts",
  }));
}
