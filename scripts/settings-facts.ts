// Writes into docs/ what the tables know: the facts block of every page in docs/settings/, the index there, and the
// tables of the manual. With --check it only tells what is out of date and fails.
//   node scripts/run-ts.mjs scripts/settings-facts.ts [--check]

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generated } from "../src/reference/generated.ts";

const docs = join(import.meta.dirname, "../docs");
const check = process.argv.includes("--check");
const read = (name: string): string | undefined => {
  const path = join(docs, name);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
};

let outdated = 0;
for (const { name, text } of generated(read)) {
  if (read(name) === text) continue;
  outdated += 1;
  if (check) console.error(`docs/${name} is out of date`);
  else writeFileSync(join(docs, name), text);
}
console.log(check ? `${outdated} pages are out of date` : `${outdated} pages brought up to date`);
if (check && outdated > 0) process.exitCode = 1;
