import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rulePaths, systemdReads, userPaths } from "../../src/tools/systemd-reads.ts";
import { makeProject } from "../support/project.ts";
import { makeContext } from "../support/tree.ts";

test("whatever may be a path in a rule is looked at", () => {
  const of = (line: string) => rulePaths(`# a comment with /slashes\n\n${line}`).toSorted();
  expect(of("d /var/lib/a 0755 root root -")).toEqual(["/var/lib/a"]);
  for (const quoted of [`"/with blank"`, `'/with blank'`, `/with' 'blank`])
    expect(of(`z ${quoted} 0644`)).toContain("/with blank");
  expect(of("C /etc/b")).toEqual(["/etc/b", "/usr/share/factory//etc/b"]);
  expect(of("C+ /etc/c - - - - /usr/share/c")).toEqual(expect.arrayContaining(["/etc/c", "/usr/share/c"]));
  expect(of("L? /var/lk - - - - /opt/src")).toContain("/opt/src");
  expect(of("L /etc/d - - - - ../usr/share/d")).toContain("/etc/../usr/share/d");
  // the rest of the line is taken as it is
  expect(of("L /etc/d - - - - /opt/a b's")).toContain("/opt/a");
  expect(of("L /etc/d - - - - /opt/a'b")).toContain("/opt/a'b");
  // the same letter
  expect(of("z /opt\\x2fa")).toContain("/opt\\x2fa");
  expect(userPaths(`# /x\nu foo "/opt/f" 'foo / foo' / /bin/sh\n`)).toEqual(["/opt/f", "/bin/sh"]);
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

test("links count with where they lead", async () => {
  const context = await makeContext();
  const root = makeProject({
    "etc/systemd/system": {},
    "etc/tmpfiles.d": {},
    "usr/lib/sysusers.d": { "own.conf": 'u foo /opt/f "foo" /\n' },
    "usr/share/rules": { "t.conf": "z /srv/t 0700\n" },
  });
  const links = {
    "etc/systemd/system/lin.service": "/opt/u/lin.service",
    "etc/systemd/system/lin.service.d": "/usr/share/lin.d",
    "etc/tmpfiles.d/t.conf": "/usr/share/rules/t.conf",
    "etc/tmpfiles.d/nowhere.conf": "/nowhere.conf",
    "etc/tmpfiles.d/directory.conf": "/usr/share",
    "etc/tmpfiles.d/masked.conf": "/dev/null",
  };
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(root, path));
  const places = await systemdReads({ ...context, root });
  expect(places).toEqual(
    expect.arrayContaining(["opt/u/lin.service", "opt/f", "srv/t", "nowhere.conf", "usr/share", "dev/null"]),
  );
});
