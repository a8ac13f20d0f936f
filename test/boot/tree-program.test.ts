import { join } from "node:path";
import { expect, test } from "vitest";
import { packTreeProgram } from "../../src/boot/tree-program.ts";
import { makePe } from "../formats/make-pe.ts";
import { makeContext, makeDirectory, writeTree } from "../support/tree.ts";

test.each([
  ["257", /--microcode \S+-given.ucode --initrd \S+-tree.initrd --initrd \S+-last.initrd /],
  ["252", /--initrd \S+-given.ucode --initrd \S+-tree.initrd --initrd \S+-last.initrd /],
])("initrds of scripts come after the tree's, their microcode in place of it: stub %s", async (version, expected) => {
  const notes = makeDirectory();
  await writeTree(join(notes, "boot-components"), {
    stub: makePe({ ".sdmagic": `#### LoaderInfo: systemd-stub ${version} ####` }),
    kernel: "kernel",
    version: "6.12",
    microcode: "microcode of the tree",
  });
  const context = await makeContext({ format: "uki" }, { "usr/lib/os-release": "ID=x\n" }, () => "ukify 262\n");
  const given = { initrds: ["/artifacts/last.initrd"], microcode: ["/artifacts/given.ucode"] };
  expect(await packTreeProgram(context, [notes], given, "image.efi")).toBe(join(context.staging, "image.efi"));
  expect(context.runner.commands().at(-1)).toMatch(expected);
});
