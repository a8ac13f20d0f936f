import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemdReads, tmpfilesPaths } from "../../src/tools/systemd-reads.ts";
import { makeProject } from "../support/project.ts";
import { makeContext } from "../support/tree.ts";

test("tmpfiles.d names paths, and where copies come from", () => {
  const text = [
    "# a comment",
    "",
    "d /var/lib/a 0755 root root -",
    'z "/with blank" 0644',
    "C /etc/b",
    "C+ /etc/c - - - - /usr/share/c",
    "L /etc/d - - - - ../usr/share/d",
  ];
  expect(tmpfilesPaths(text.join("\n"))).toEqual([
    ...["/var/lib/a", "/with blank", "/etc/b", "/usr/share/factory/etc/b", "/etc/c", "/usr/share/c", "/etc/d"],
  ]);
});

test("the places of a tree are those of its own rules, too, also behind links", async () => {
  const context = await makeContext();
  const root = makeProject({ "usr/lib/tmpfiles.d": { "own.conf": "z /opt/own/*.so 0755\nz /data/link/x 0755\n" } });
  mkdirSync(join(root, "data"));
  symlinkSync("../usr/share/there", join(root, "data/link"));
  const places = await systemdReads({ ...context, root });
  expect(places).toEqual(expect.arrayContaining(["opt/own/", "usr/share/there/x", "etc/passwd"]));
  // a rule about everything
  writeFileSync(join(root, "usr/lib/tmpfiles.d/all.conf"), "z /* 0755\n");
  expect(await systemdReads({ ...context, root })).toBeUndefined();
});

test("locales are compiled by the image's own program, which may look anywhere", async () => {
  const context = await makeContext();
  const root = makeProject({ etc: { "locale.gen": "# en_US.UTF-8\nde_DE.UTF-8 UTF-8\n" } });
  expect(await systemdReads({ ...context, root })).toBeUndefined();
});
