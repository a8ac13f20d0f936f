// What pages are made of: columns of files, owners by the databases of package managers, and an HTML file that no name
// of a file can break out of.

import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { Contents, Entry } from "../../src/inspect/contents.ts";
import type { Difference } from "../../src/inspect/difference.ts";
import { ownersOf } from "../../src/inspect/owners.ts";
import { pageHtml } from "../../src/inspect/page.ts";
import { contentsPage, differencePage } from "../../src/inspect/page-data.ts";
import { fileTree, packageSizes, totalsOf } from "../../src/pages/file-tree.ts";
import { arrange } from "../../src/pages/order.ts";
import { modeText, signedBytes } from "../../src/pages/text.ts";
import type { ImageContext } from "../../src/tools/context.ts";
import { makeProject } from "../support/project.ts";

function entry(path: string, rest: Partial<Entry> = {}): Entry {
  return { path, type: "file", mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0, ...rest };
}

const directory = (path: string): Entry => entry(path, { type: "directory", mode: 0o755 });

function contents(entries: readonly Entry[], rest: Partial<Contents> = {}): Contents {
  return {
    ...{ path: "/image.raw", kind: "directory", compression: undefined, size: 0, sectorSize: undefined },
    ...{ partitions: [], release: {}, efi: [], packages: [], units: { default: undefined, enabled: [] }, entries },
    ...rest,
  };
}

const package_ = (name: string, architecture = "amd64") => ({ name, version: "1", architecture, size: 0 });
const none = { added: [], removed: [], changed: [] };

describe("files", () => {
  test("come back from their columns with paths and totals, also below a directory that is not listed", () => {
    const entries = [
      directory("a"),
      entry("a/x", { size: 5 }),
      entry("a-b", { size: 7 }),
      entry("efi/EFI/z", { size: 1 }),
    ];
    const { files } = contentsPage(contents(entries), new Map());
    const tree = fileTree(files);
    expect(tree.listed.map(tree.path)).toEqual(["a", "a/x", "a-b", "efi", "efi/EFI", "efi/EFI/z"]);
    const { weight } = totalsOf(files);
    expect(Object.fromEntries(tree.listed.map((row) => [tree.path(row), weight[row]]))).toMatchObject({
      ...{ a: 5, "a-b": 7, efi: 1 },
    });
    expect(weight[0]).toBe(13);
    expect(tree.children(0).map(tree.path)).toEqual(["a", "a-b", "efi"]);
  });

  test("have sizes by package, with what no package has", () => {
    const entries = [directory("a"), entry("a/x", { size: 5 }), entry("a/y", { size: 2 }), entry("z", { size: 1 })];
    const owners = new Map([
      ["a/x", 1],
      ["a/y", 0],
    ]);
    const page = contentsPage(contents(entries, { packages: [package_("one"), package_("two")] }), owners);
    expect([...packageSizes(page.files, 2)]).toEqual([1, 2, 5]);
    expect(totalsOf(page.files, 2).weight[0]).toBe(5);
    expect(page.tables[0]?.rows.map((row) => row.at(-1))).toEqual([2, 5]);
  });

  test("of a comparison say what has come, gone and changed, and by how much", () => {
    const files: Difference["files"] = {
      added: [entry("new/one", { size: 10 })],
      removed: [entry("old", { size: 4 })],
      changed: [
        { from: entry("same", { size: 3 }), to: entry("same", { size: 1, mode: 0o600 }), what: ["content", "mode"] },
      ],
    };
    const units = { added: ["a.service"], removed: [] };
    const packages = {
      ...none,
      changed: [{ from: package_("p"), to: { ...package_("p"), version: "2" }, what: ["version"] }],
    };
    const page = differencePage({ packages, files, partitions: none, efi: none, units, release: [] }, ["/a", "/b"]);
    const tree = fileTree(page.files);
    expect(tree.listed.map(tree.path)).toEqual(["new/one", "old", "same"]);
    const { weight, net } = totalsOf(page.files);
    expect([weight[0], net[0]]).toEqual([16, 4]);
    const change = page.files.change!;
    expect(tree.listed.map((row) => [change.states[row], change.kinds[change.what[row] ?? 0]])).toEqual([
      [1, ""],
      [2, ""],
      [3, "content, mode"],
    ]);
    expect(page.tables[0]?.rows).toEqual([["changed", "p", "amd64", "1 → 2", "0 B", "version"]]);
  });

  test("modes and growth are written as people know them", () => {
    expect([modeText("d", 0o1777), modeText("f", 0o4755), modeText("l", 0o640), modeText("f", 0o2644)]).toEqual([
      ...["drwxrwxrwt", "-rwsr-xr-x", "lrw-r-----", "-rw-r-Sr--"],
    ]);
    expect([signedBytes(2048), signedBytes(-1), signedBytes(0)]).toEqual(["+2.0 KiB", "−1 B", "±0 B"]);
  });
});

test("rows are found by all words of a query and sorted by a column, equal ones as they were", () => {
  const rows = [
    ["usr/bin/a", 3],
    ["usr/lib/b", 1],
    ["etc/A", 3],
  ] as const;
  const all = {
    all: [0, 1, 2],
    sortKey: (row: number, column: number) => rows[row]?.[column] ?? "",
    searched: (row: number) => (rows[row]?.[0] ?? "").toLowerCase(),
  };
  expect(arrange(all, "A  USR", { column: undefined, descending: false })).toEqual([0]);
  expect(arrange(all, "", { column: 1, descending: true })).toEqual([0, 2, 1]);
  expect(arrange(all, "", { column: 1, descending: false })).toEqual([1, 0, 2]);
});

describe("owners", () => {
  const context = { toolbox: { base: "host" } } as unknown as ImageContext;

  test("of Debian's files are found where links have moved them to", async () => {
    const root = makeProject({
      usr: { lib: { x: "1" }, bin: { y: "1" } },
      var: {
        lib: { dpkg: { info: { "one.list": "/.\n/lib\n/lib/x\n", "two:amd64.list": "/usr/bin/y\n/nowhere\n" } } },
      },
    });
    execFileSync("ln", ["-s", "usr/lib", `${root}/lib`]);
    const entries = [entry("lib", { type: "link", target: "usr/lib" }), entry("usr/lib/x"), entry("usr/bin/y")];
    const packages = [package_("one"), package_("two", "i386"), package_("two")];
    expect([...(await ownersOf(context, root, { entries, packages }))]).toEqual([
      ["lib", 0],
      ["usr/lib/x", 0],
      ["usr/bin/y", 2],
    ]);
  });

  test("links that lead in circles end", async () => {
    const root = makeProject({ var: { lib: { dpkg: { info: { "one.list": "/a/x\n/up/x\n" } } } } });
    const entries = [
      entry("a", { type: "link", target: "b" }),
      entry("b", { type: "link", target: "/a" }),
      entry("up", { type: "link", target: "../../.." }),
      entry("x"),
    ];
    expect([...(await ownersOf(context, root, { entries, packages: [package_("one")] }))]).toEqual([["x", 0]]);
  });

  test("of pacman's and apk's files are found", async () => {
    const pacman = makeProject({
      var: { lib: { pacman: { local: { "a-b-1.0-1": { files: "%FILES%\nusr/\nusr/x\n\n%BACKUP%\nusr/z\tabc\n" } } } } },
    });
    const apk = makeProject({ usr: { lib: { apk: { db: { installed: "P:a-b\nV:1\nF:usr\nR:x\nZ:Q1\n\n" } } } } });
    const entries = [directory("usr"), entry("usr/x"), entry("usr/z")];
    for (const root of [pacman, apk]) {
      const owners = await ownersOf(context, root, { entries, packages: [package_("a-b")] });
      expect([...owners.keys()]).toEqual(["usr", "usr/x"]);
    }
  });
});

test("no name of a file ends the element that data stands in", () => {
  const names = ["</script><script>x()</script>", "<!--<script>", "]]>", "\u2028", '"\\', "&lt;"];
  const html = pageHtml(
    contentsPage(
      contents(
        names.map((name) => entry(name.replaceAll("/", "\u2215"))),
        { path: names.join() },
      ),
      new Map(),
    ),
    {
      script: "run()",
      style: "",
    },
  );
  const data = /<script type="application\/json" id="data">([^<]*)<\/script>\n<script>run\(\)<\/script>/.exec(html);
  expect(html.match(/<script/g)).toHaveLength(2);
  expect(JSON.parse(data?.[1] ?? "")).toMatchObject({ title: names.join() });
});
