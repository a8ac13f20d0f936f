// Writes V8's code cache of a built program beside it: what `mkosi summary` needs of it, compiled. Compiling would
// take longer than reading a small configuration. The cache is named by the digest in the program's first line.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import v8 from "node:v8";
import vm from "node:vm";

// as in bin/mkosi
v8.setFlagsFromString("--interrupt-budget=2000000");

const [, , file] = process.argv;
const project = mkdtempSync(join(tmpdir(), "mkosi-code-cache-"));
const files = {
  "mkosi.conf":
    "[Distribution]\nDistribution=debian\nRelease=trixie\n\n[Output]\nFormat=none\n\n[Content]\nPackages=a,b\n",
  "mkosi.local.conf": "[Match]\nDistribution=!debian\n\n[Content]\nPackages=c\n",
  "mkosi.version": "1\n",
  "mkosi.conf.d/one.conf":
    "[Match]\nRelease=|trixie\nFormat=|disk\n\n[Content]\nPackages=d\n\n[Build]\nEnvironment=A=%d-%r B=c\n",
  "mkosi.images/one/mkosi.conf": "[Output]\nFormat=directory\n\n[Content]\nPackages=\n        e\n        f\n",
  "mkosi.images/one/mkosi.conf.d/one.conf": "[TriggerMatch]\nImageVersion=>=1\n\n[Content]\nHostname=%d\n",
};
for (const [name, text] of Object.entries(files)) {
  mkdirSync(dirname(join(project, name)), { recursive: true });
  writeFileSync(join(project, name), text);
}
const source = readFileSync(file, "utf8");
const script = new vm.Script(source, {
  filename: file,
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
process.argv = [process.argv[0], file, `--directory=${project}`, "summary"];
process.stdout.write = (_text, ...rest) => {
  rest.at(-1)?.();
  return true;
};
process.on("exit", (status) => {
  rmSync(project, { recursive: true });
  if (status === 0) writeFileSync(`${file}.${source.slice(2, source.indexOf("\n"))}.cache`, script.createCachedData());
});
script.runInThisContext()(createRequire(import.meta.url), dirname(file));
