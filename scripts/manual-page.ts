// Writes the manual page mkosi(1), made of docs/, to a file: node scripts/run-ts.mjs scripts/manual-page.ts FILE

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { VERBS } from "../src/cli/verbs.ts";
import { wholeManual } from "../src/reference/documents.ts";
import { manualHead, manualPage } from "../src/reference/manual-page.ts";

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("name the file to write");
const seconds = Number(process.env["SOURCE_DATE_EPOCH"] ?? Date.now() / 1000);
const date = new Date(seconds * 1000).toISOString().slice(0, 10);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, manualPage("mkosi", manualHead(VERBS) + wholeManual(), date));
