import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { planUpdate } from "../../src/outputs/directory-update.ts";
import { makeDirectory } from "../support/tree.ts";

interface Directory {
  readonly [name: string]: string | { readonly link: string } | Directory;
}

const name = fc.constantFrom("a", "b", "c");
const leaf = fc.oneof(fc.constantFrom("1", "2"), fc.record({ link: fc.constantFrom("a", "b") }));
const { tree } = fc.letrec<{ tree: Directory; entry: Directory[string] }>((tie) => ({
  entry: fc.oneof({ depthSize: "small" }, leaf, tie("tree")),
  tree: fc.dictionary(name, tie("entry"), { maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<Directory>,
}));

function write(directory: string, entries: Directory): void {
  mkdirSync(directory, { recursive: true });
  for (const [key, entry] of Object.entries(entries)) {
    const path = join(directory, key);
    if (typeof entry === "string") writeFileSync(path, entry);
    else if ("link" in entry && typeof entry.link === "string") symlinkSync(entry.link, path);
    else write(path, entry);
  }
}

/** What each path is. */
function paths(directory: string, path = ""): Map<string, string> {
  const here = join(directory, path);
  const status = lstatSync(here);
  if (status.isSymbolicLink()) return new Map([[path, `-> ${readlinkSync(here)}`]]);
  if (!status.isDirectory()) return new Map([[path, readFileSync(here, "utf8")]]);
  const below = readdirSync(here).flatMap((child) => [...paths(directory, path === "" ? child : `${path}/${child}`)]);
  return new Map([[path, "directory"], ...below]);
}

function withParents(path: string): string[] {
  return path === "" ? [path] : [path, ...withParents(path.includes("/") ? dirname(path) : "")];
}

test("what a plan says makes the former tree the new one", () => {
  fc.assert(
    fc.property(
      tree,
      tree,
      fc.array(fc.array(name, { maxLength: 3 }).map((parts) => parts.join("/"))),
      (old, now, more) => {
        const place = makeDirectory();
        const [former, next, made] = ["former", "next", "made"].map((each) => join(place, each)) as [
          string,
          string,
          string,
        ];
        write(former, old);
        write(next, now);
        cpSync(former, made, { recursive: true, verbatimSymlinks: true });
        const [before, after] = [paths(former), paths(next)];
        const different = [...new Set([...before.keys(), ...after.keys()])].filter(
          (path) => before.get(path) !== after.get(path),
        );
        const changed = new Set([...different, ...more].flatMap(withParents));
        const { remove = [], copy = [] } = planUpdate(next, former, changed) ?? {};
        for (const path of remove) rmSync(join(made, path), { recursive: true });
        for (const path of copy) {
          const source = join(next, path);
          if (lstatSync(source).isDirectory()) mkdirSync(join(made, path), { recursive: true });
          else cpSync(source, join(made, path), { verbatimSymlinks: true });
        }
        expect(paths(made)).toEqual(after);
        rmSync(place, { recursive: true });
      },
    ),
    { numRuns: 300 },
  );
});

test("names that are not UTF-8 are nothing to plan with, and what is in a directory follows it", () => {
  const place = makeDirectory();
  const [former, next] = [join(place, "former"), join(place, "next")];
  write(former, { a: { a: "1" } });
  write(next, { a: { a: "2", b: "1" }, "a-b": "1", b: "1" });
  expect(planUpdate(next, former, ["", "a", "a/a"])?.copy).toEqual([".", "a", "a/a", "a/b", "a-b", "b"]);
  writeFileSync(Buffer.concat([Buffer.from(`${next}/a/`), Buffer.from([0xff])]), "");
  expect(planUpdate(next, former, ["", "a", "a/a"])).toBeUndefined();
  expect(planUpdate(next, former, ["", "a-b"])?.copy).toEqual([".", "a-b", "b"]);
});

test("what is not named is not looked at", () => {
  const place = makeDirectory();
  write(join(place, "former"), { a: "1", b: "1", c: { a: "1" } });
  write(join(place, "next"), { a: "2", b: "2", c: { a: "2" } });
  expect(planUpdate(join(place, "next"), join(place, "former"), ["", "b"])).toEqual({
    remove: ["b"],
    copy: [".", "b"],
  });
});
