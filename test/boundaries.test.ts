// The rules of ARCHITECTURE.md that a compiler does not check: who may import whom, who may start programs and who
// may write to the terminal, and how large a file may grow.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const src = join(root, "src");

/** Level of each folder, read from the table of ARCHITECTURE.md so that there is one such table. */
const levels = new Map<string, number>();
for (const [, level, folders] of readFileSync(join(root, "ARCHITECTURE.md"), "utf8").matchAll(
  /^\| (\d+) \| (.*) \|$/gm,
)) {
  for (const [, folder] of (folders ?? "").matchAll(/`([\w.-]+)\/?`/g)) levels.set(folder ?? "", Number(level));
}

const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(src, name), "utf8") }));

const folderOf = (name: string) => name.split("/", 1)[0] ?? name;

/** Specifiers of all static and dynamic imports and re-exports; comments do not count. */
function imports(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const pattern = /(?:^\s*(?:import|export)\b[^;"'`]*?(?:\bfrom\s*)?|\bimport\s*\(\s*)["']([^"']+)["']/gm;
  return [...code.matchAll(pattern)].map((match) => match[1] ?? "");
}

describe("boundaries", () => {
  test("the table in ARCHITECTURE.md names every folder", () => {
    expect([...new Set(files.map((file) => folderOf(file.name)))].filter((folder) => !levels.has(folder))).toEqual([]);
  });

  test.for(files)("$name", ({ name, text }) => {
    const folder = folderOf(name);
    const wrong: string[] = [];
    for (const specifier of imports(text)) {
      if (specifier.startsWith(".")) {
        const target = relative(src, resolve(dirname(join(src, name)), specifier));
        const other = folderOf(target);
        if (target.startsWith("..")) {
          wrong.push(`${specifier} is outside src/`);
        } else if (other !== folder && !((levels.get(other) ?? 99) < (levels.get(folder) ?? 0))) {
          wrong.push(`${folder} (level ${levels.get(folder)}) must not import ${other} (level ${levels.get(other)})`);
        }
      } else if (/^(node:)?child_process$|^execa$/.test(specifier) && folder !== "sandbox") {
        wrong.push(`only sandbox/ may import ${specifier}`);
      }
    }
    if (
      folder !== "report" &&
      folder !== "main.ts" &&
      /\bprocess\.std(out|err)\b|\bconsole\.(?:log|info|warn|error|debug|trace|dir)\b/.test(text)
    ) {
      wrong.push("only report/ may write to standard output or error");
    }
    const lines = text.split("\n").length - 1;
    if (lines > 400) wrong.push(`${lines} lines; 400 are allowed`);
    if (!/^(#!.*\n)?\/[/*]/.test(text)) wrong.push("the first line must be a comment that says why the file exists");
    expect(wrong).toEqual([]);
  });
});
