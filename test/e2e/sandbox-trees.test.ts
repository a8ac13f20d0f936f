// SandboxTrees= for real: apt installs from a repository that only the tree knows, on a server whose name only the tree
// resolves, and a change of a file in the tree is a reason to install again.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject, writeTree } from "../support/project.ts";

const asRoot = process.getuid?.() === 0;

/** A flat repository with one package, in a directory. */
function makeRepository(directory: string): void {
  writeTree(join(directory, "package"), {
    DEBIAN: {
      control:
        "Package: only-in-the-tree\nVersion: 1.0\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: test\n",
    },
    usr: { share: { "only-in-the-tree": { file: "it is here\n" } } },
  });
  const deb = join(directory, "only-in-the-tree_1.0_all.deb");
  execFileSync("dpkg-deb", ["--root-owner-group", "--build", join(directory, "package"), deb], { stdio: "ignore" });
  const bytes = readFileSync(deb);
  const sha256 = execFileSync("sha256sum", [deb], { encoding: "utf8" }).split(" ")[0];
  const control = readFileSync(join(directory, "package/DEBIAN/control"), "utf8");
  writeFileSync(
    join(directory, "Packages"),
    `${control}Filename: ./only-in-the-tree_1.0_all.deb\nSize: ${bytes.length}\nSHA256: ${sha256}\n`,
  );
}

async function serve(directory: string): Promise<number> {
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(directory, new URL(request.url ?? "/", "http://x").pathname)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test.skipIf(!asRoot)(
  "a tree's repository, host name and options count, and a change in it is told by why",
  async () => {
    const repository = makeProject();
    makeRepository(repository);
    const port = await serve(repository);
    const cwd = makeProject({
      "mkosi.conf": `[Distribution]
Distribution=debian
Release=bookworm
[Output]
Format=directory
[Content]
Packages=only-in-the-tree
[Build]
Incremental=yes
CacheDirectory=cache
ToolsTree=
`,
      cache: {},
      "mkosi.sandbox": {
        etc: {
          hosts: "127.0.0.1 packages.example.test localhost\n",
          apt: {
            "sources.list.d": {
              "own.sources": `Types: deb\nURIs: http://packages.example.test:${port}/\nSuites: ./\nTrusted: yes\n`,
            },
            "apt.conf.d": { "90-own": 'Acquire::Retries "1";\n' },
          },
        },
        usr: { share: { "sandbox-marker": "" } },
      },
      "mkosi.prepare":
        '#!/bin/sh\ntest -e /usr/share/sandbox-marker && apt-config dump Acquire::Retries > "$BUILDROOT/retries"\n',
    });
    await mkosiOk(["build"], { cwd });
    expect(readFileSync(join(cwd, "image/usr/share/only-in-the-tree/file"), "utf8")).toBe("it is here\n");
    expect(readFileSync(join(cwd, "image/retries"), "utf8")).toContain('"1"');
    expect((await mkosiOk(["why"], { cwd })).stdout).not.toContain("runs again");

    writeFileSync(join(cwd, "mkosi.sandbox/etc/apt/apt.conf.d/90-own"), 'Acquire::Retries "2";\n');
    expect((await mkosiOk(["why"], { cwd })).stdout).toContain(
      "SandboxTrees=: /etc/apt/apt.conf.d/90-own has another content",
    );
    await mkosiOk(["-f", "build"], { cwd });
    expect(readFileSync(join(cwd, "image/retries"), "utf8")).toContain('"2"');
  },
);

test.skipIf(!asRoot)("metadata that is past its date is refused where the tree asks for it", async () => {
  const repository = makeProject();
  makeRepository(repository);
  const packages = readFileSync(join(repository, "Packages"));
  const sum = createHash("sha256").update(packages).digest("hex");
  const dates = "Date: Mon, 01 Jan 2024 00:00:00 UTC\nValid-Until: Tue, 02 Jan 2024 00:00:00 UTC\n";
  writeFileSync(join(repository, "Release"), `${dates}SHA256:\n ${sum} ${packages.length} Packages\n`);
  const port = await serve(repository);
  const source = `Types: deb\nURIs: http://127.0.0.1:${port}/\nSuites: ./\nTrusted: yes\nCheck-Valid-Until: yes\n`;
  const cwd = makeProject({
    "mkosi.conf":
      "[Distribution]\nDistribution=debian\nRelease=bookworm\n[Output]\nFormat=directory\n[Build]\nToolsTree=\n",
    "mkosi.sandbox": { etc: { apt: { "sources.list.d": { "own.sources": source } } } },
  });
  const { status, stderr } = await mkosi(["build"], { cwd });
  expect(status).toBe(1);
  expect(stderr).toMatch(/the metadata of http:\/\/127\.0\.0\.1:\d+\S* is past its date/);
});

test("a tree that is not there ends the build before it begins", async () => {
  const cwd = makeProject({
    "mkosi.conf":
      "[Distribution]\nDistribution=debian\nRelease=bookworm\n[Output]\nFormat=directory\n[Build]\nSandboxTrees=absent\nToolsTree=\n",
  });
  const { status, stderr } = await mkosi(["build"], { cwd });
  expect(status).toBe(1);
  expect(stderr).toContain("absent");
});
