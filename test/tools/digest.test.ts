// The digest of sources: what of Git's directory counts, also where `.git` is a file.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { digestTree } from "../../src/tools/digest.ts";
import { makeProject } from "../support/project.ts";

test("in a submodule or worktree the commit that is checked out counts, and not Git's index", () => {
  const place = makeProject({
    main: { ".git": { HEAD: "1", index: "1", refs: {}, modules: { sub: { HEAD: "1", index: "1", refs: {} } } } },
    "main/sub": { ".git": "gitdir: ../.git/modules/sub\n", file: "1" },
    tree: { ".git": "gitdir: ../main/.git/worktrees/tree\n" },
    "main/.git/worktrees/tree": { HEAD: "ref: refs/heads/a", index: "1", commondir: "../..\n" },
    "main/.git/refs/heads": { a: "1" },
  });
  const digests = () => ["main", "tree"].map((name) => digestTree(join(place, name), { sources: true }));
  const change = (path: string) => writeFileSync(join(place, path), "another");
  const [main, tree] = digests();
  for (const path of ["main/.git/index", "main/.git/modules/sub/index", "main/.git/worktrees/tree/index"]) change(path);
  expect(digests()).toEqual([main, tree]);
  change("main/.git/modules/sub/HEAD");
  const [changed, same] = digests();
  expect(changed).not.toBe(main);
  expect(same).toBe(tree);
  change("main/.git/refs/heads/a");
  expect(digests()[1]).not.toBe(tree);
});
