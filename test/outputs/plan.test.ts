import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planDisk } from "../../src/outputs/plan.ts";
import { makeContext, makeDirectory, writeTree } from "../support/tree.ts";

function answer(argv: readonly string[]): string {
  return argv[1] === "--version"
    ? "systemd 262 (262-1)\n"
    : '[{"type":"root-x86-64","label":"r","uuid":"u","offset":1,"raw_size":2}]';
}

test("plans with nothing but what identifies the partitions", async () => {
  const definitions = makeDirectory();
  await writeTree(definitions, {
    "10-root.conf": "# root\n[Partition]\nType=root\nFormat=erofs\nCopyFiles=/\nMinimize=best\nUUID=null\n",
    "10-root.conf.d/label.conf": "[Partition]\nLabel=x\nEncrypt=tpm2\n",
    "10-root.conf.d/README": "text",
    "10-root.conf.d/old.conf/": "",
    "20-mask.conf": "",
    README: "text",
  });
  const context = await makeContext({ repartDirectories: [definitions] }, {}, answer);
  expect(await planDisk(context)).toEqual([{ type: "root-x86-64", label: "r", uuid: "u", offset: 1, size: 2 }]);
  const directory = join(context.scratch, "plan/0");
  expect((await readdir(directory)).toSorted()).toEqual(["10-root.conf", "10-root.conf.d", "20-mask.conf"]);
  expect(await readdir(join(directory, "10-root.conf.d"))).toEqual(["label.conf"]);
  expect(await readFile(join(directory, "20-mask.conf"), "utf8")).toBe("");
  expect(await readFile(join(directory, "10-root.conf"), "utf8")).toBe("[Partition]\nType=root\nUUID=null\n");
  expect(await readFile(join(directory, "10-root.conf.d/label.conf"), "utf8")).toBe("[Partition]\nLabel=x\n");
  expect(context.runner.commands().at(-1)).toContain("--dry-run=yes");
  expect(await readdir(context.staging)).toEqual([]);
});
