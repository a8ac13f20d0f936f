// What pacman is told, and what is told of its failures. pacman itself runs in test/distros/pacman.test.ts.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { arch } from "../../../src/distributions/arch.ts";
import { pacmanSpec } from "../../../src/package-managers/pacman/command.ts";
import { renderConfiguration } from "../../../src/package-managers/pacman/configuration.ts";
import { explainFailure, isPassing } from "../../../src/package-managers/pacman/failures.ts";
import { parseDescription } from "../../../src/package-managers/pacman/installed.ts";
import { pacmanCache } from "../../../src/package-managers/pacman/layout.ts";
import { CommandFailure } from "../../../src/sandbox/spawn.ts";
import type { Config } from "../../../src/settings/index.ts";
import { makeImage } from "../../support/image.ts";
import { makeProject } from "../../support/project.ts";
import { makeContext, type TestContext } from "../context.ts";

function archContext(overrides: Partial<Config> = {}, more: Partial<TestContext> = {}): TestContext {
  const settings: Partial<Config> = { distribution: "arch", release: "rolling", ...overrides };
  const repositories = arch.repositories(makeImage(settings).config);
  return makeContext(settings, { repositories, architecture: "x86_64", packageCache: makeProject(), ...more });
}

test("the configuration has what is asked for", () => {
  expect(renderConfiguration(archContext({ mirror: "http://m", withDocs: false }))).toBe(`[options]
SigLevel = Required DatabaseOptional
LocalFileSigLevel = Optional
ParallelDownloads = 5
Architecture = x86_64
NoExtract = usr/share/doc/*
NoExtract = usr/share/man/*
NoExtract = usr/share/groff/*
NoExtract = usr/share/gtk-doc/*
NoExtract = usr/share/info/*

[core]
Server = http://m/core/os/x86_64

[extra]
Server = http://m/extra/os/x86_64
`);
  expect(renderConfiguration(archContext({ repositoryKeyCheck: false }))).toContain("SigLevel = Never\n");
  const local = renderConfiguration(archContext({}, { localPackages: ["/x/a.pkg.tar.zst"] }));
  expect(local.indexOf("[mkosi]")).toBeLessThan(local.indexOf("[core]"));
});

test("a sandbox tree's configuration is taken as it is, but for the user that downloads", () => {
  const directory = makeProject({
    etc: { "pacman.conf": "[options]\nDownloadUser = alpm\nColor\n[own]\nServer = x\n" },
  });
  const toolbox = {
    kind: "tree",
    root: directory,
    searchPaths: [],
    sandbox: { directory, beneath: { kind: "host", searchPaths: [] } },
  } as const;
  expect(renderConfiguration(archContext({}, { toolbox }))).toBe("[options]\nColor\n[own]\nServer = x\n\n");
});

test("the command line and the proxy", () => {
  const context = archContext({ proxyUrl: "http://proxy:3128", proxyExclude: ["a.example", "b.example"] });
  mkdirSync(pacmanCache(context).databases, { recursive: true });
  const root = join(makeProject(), "root");
  const spec = pacmanSpec(context, { arguments: ["--sync", "bash"], root, keyring: undefined });
  expect(spec.argv.join(" ")).toBe(
    "pacman --root=/buildroot --logfile=/dev/null --dbpath=/var/lib/pacman --cachedir=/var/cache/pacman/pkg --hookdir=/buildroot/etc/pacman.d/hooks --arch=x86_64 --color=never --noconfirm --sync bash",
  );
  expect(spec.network).toBe(false);
  expect(spec.env).toMatchObject({
    https_proxy: "http://proxy:3128",
    no_proxy: "a.example,b.example",
    SYSTEMD_IN_CHROOT: "1",
  });
});

test("a package's description", () => {
  expect(
    parseDescription(
      "%NAME%\nbash\n\n%VERSION%\n5.2-1\n\n%BASE%\nbash-base\n\n%ARCH%\nx86_64\n\n%SIZE%\n42\n\n%DEPENDS%\nglibc\nreadline\n",
    ),
  ).toEqual({
    name: "bash",
    version: "5.2-1",
    architecture: "x86_64",
    size: 42,
    source: "bash-base",
  });
});

describe("failures", () => {
  test.for([
    [
      "error: failed retrieving file 'core.db' from m.example : The requested URL returned error: 404",
      "the repository core cannot be fetched from m.example: the server answers 404",
    ],
    [
      "error: failed retrieving file 'a-1-1-any.pkg.tar.zst.sig' from m : The requested URL returned error: 404",
      "the package a-1-1-any.pkg.tar.zst has no signature in arch rolling (core, extra)",
    ],
    [
      "error: failed retrieving file 'a.pkg.tar.zst' from m : Could not resolve host: m",
      "the package a.pkg.tar.zst cannot be fetched from m: Could not resolve host: m",
    ],
    [
      'error: hello: signature from "A <a@example>" is unknown trust',
      "the package hello cannot be verified in arch rolling (core, extra)",
    ],
    ["error: hello: missing required signature", "the package hello cannot be verified in arch rolling (core, extra)"],
    [
      ":: File /var/cache/pacman/pkg/a.pkg.tar.zst is corrupted (invalid or corrupted package (PGP signature)).",
      "the package a.pkg.tar.zst of arch rolling (core, extra) is not what its repository says: invalid or corrupted package (PGP signature)",
    ],
    [
      ":: unable to satisfy dependency 'x>2' required by y",
      "the package y needs x>2, which nothing in arch rolling (core, extra) provides",
    ],
    [":: removing x breaks dependency 'x' required by y", "the package y needs x, which would be removed"],
    [":: a-1-1 and b-1-1 are in conflict", "the packages cannot be installed together in arch rolling (core, extra)"],
    ["a: /buildroot/etc/motd exists in filesystem", "the package a has a file that is in the tree already: /etc/motd"],
    ["error: Partition / too full: not enough free disk space", "the disk is full"],
  ] as const)("%s", ([output, message]) => {
    expect(explainFailure(new CommandFailure(["pacman"], 1, `${output}\n`), archContext()).message).toBe(message);
  });

  test("what may pass is tried again", () => {
    const url = "error: failed retrieving file 'a' from m : ";
    for (const text of [
      "The requested URL returned error: 503",
      "Operation too slow. Less than 1 bytes/sec",
      "transfer closed with 9 bytes remaining to read",
      "Failed to connect to m: Couldn't connect to server",
    ])
      expect([text, isPassing(url + text)]).toEqual([text, true]);
    expect(isPassing(`${url}The requested URL returned error: 404`)).toBe(false);
    expect(isPassing("error: target not found: x")).toBe(false);
  });
});
