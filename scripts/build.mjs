// Bundles src/ into dist/main.cjs, one file that is a function (see bin/mkosi), and compiles it ahead. What is imported
// lazily is in it, too, but does not run before it is asked for. The library of the language server is a file of its
// own, as all other verbs would read it for nothing.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const staging = join(root, `dist.${process.pid}`);
const dist = join(root, "dist");
const LIBRARY = ["vscode-languageserver/node", "vscode-languageserver-textdocument"];

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
    define: { "import.meta.dirname": "programDirectory" },
    minifySyntax: true,
    plugins: [{ name: "library", setup: leaveOutLibrary }],
    logLevel: "warning",
  });
  await build({
    absWorkingDir: root,
    stdin: { contents: LIBRARY.map((name) => `export * from "${name}";`).join(""), resolveDir: root },
    outfile: join(staging, "language-server.cjs"),
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    minifySyntax: true,
    logLevel: "warning",
  });
  // What runs in browsers: `mkosi inspect --html` puts it into the pages that it writes.
  await build({
    absWorkingDir: root,
    entryPoints: ["src/pages/main.tsx"],
    outdir: join(staging, "pages"),
    tsconfig: "src/pages/tsconfig.json",
    bundle: true,
    format: "iife",
    platform: "browser",
    target: ["chrome111", "firefox113", "safari16.4"],
    charset: "ascii",
    minify: true,
    logLevel: "warning",
  });
  await addName(join(staging, "main.cjs"));
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

/** The first line says how the code cache is called: V8 looks at nothing but the length of what it belongs to. */
async function addName(file) {
  const text = await readFile(file, "utf8");
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
  await writeFile(file, `//${digest}\n${text}`);
}

/** The program's `require` is that of bin/mkosi. */
function leaveOutLibrary(bundler) {
  bundler.onResolve({ filter: /^vscode-languageserver/ }, ({ path }) =>
    LIBRARY.includes(path) ? { path: "../dist/language-server.cjs", external: true } : undefined,
  );
}

function runScript(name, ...args) {
  execFileSync(process.execPath, [join(root, "scripts", name), ...args], { stdio: ["ignore", "inherit", "inherit"] });
}
