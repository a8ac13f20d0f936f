// pacman for real: Arch Linux from the local mirror, as the original builds it from the same one, and what becomes of a
// build when the mirror, a key or a name is wrong.

import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listing } from "../support/listing.ts";
import { type Finished, mkosi, mkosiOk, run } from "../support/mkosi.ts";
import { peerDirectory, peerMissing } from "../support/peer.ts";
import { makeProject, type Tree } from "../support/project.ts";
import { mirrorMissing, type Variant } from "./mirror.ts";
import { withMirror } from "./with-mirror.ts";

const missing = mirrorMissing();

describe.skipIf(missing !== undefined)(`Arch Linux${missing === undefined ? "" : `: ${missing}`}`, () => {
  const mirror = withMirror();

  interface Settings {
    readonly packages?: string;
    readonly more?: string;
    readonly variant?: Variant;
    readonly files?: Tree;
    readonly mirrorSetting?: string;
  }

  /** A project with a cache of its own, so that the mirror is asked. */
  function archProject({ packages = "bash", more = "", variant, files = {}, mirrorSetting }: Settings = {}): string {
    return makeProject({
      "mkosi.conf": `[Distribution]
Distribution=arch
${mirrorSetting ?? `Mirror=${mirror.url("arch", variant)}`}
[Output]
Format=directory
ManifestFormat=json
[Content]
Packages=${packages}
Bootable=no
[Build]
ToolsTree=${mirror.toolsTree}
PackageCacheDirectory=cache
${more}`,
      cache: {},
      ...files,
    });
  }

  function installed(cwd: string): Record<string, string> {
    const manifest = JSON.parse(readFileSync(join(cwd, "image.manifest"), "utf8")) as {
      packages: { name: string; version: string }[];
    };
    return Object.fromEntries(manifest.packages.map(({ name, version }) => [name, version]));
  }

  function paths(): string[] {
    return mirror.requests().map(({ path, status }) => `${status} ${path}`);
  }

  async function failure(cwd: string): Promise<Finished> {
    const result = await mkosi(["build"], { cwd });
    expect(result.status).toBe(1);
    expect(existsSync(join(cwd, "image"))).toBe(false);
    return result;
  }

  test("is installed with signatures checked, and asks for no more than it needs", async () => {
    const cwd = archProject({ packages: "bash hello" });
    await mkosiOk(["build"], { cwd });
    expect(installed(cwd)).toMatchObject({
      bash: expect.anything(),
      filesystem: expect.anything(),
      hello: expect.anything(),
    });
    expect(installed(cwd)).not.toHaveProperty("hello-weak");
    expect(readFileSync(join(cwd, "image/var/lib/hello/log"), "utf8")).not.toBe("");
    expect(existsSync(join(cwd, "image/usr/share/doc/hello"))).toBe(true);
    const asked = paths();
    expect(asked).toContain("200 /arch/core/os/x86_64/core.db");
    expect(asked).toContain("200 /arch/extra/os/x86_64/extra.db");
    expect(asked).toContainEqual(
      expect.stringMatching(/^200 \/arch\/extra\/os\/x86_64\/hello-[^/]*\.pkg\.tar\.zst\.sig$/),
    );
    expect(asked.filter((path) => !path.startsWith("200 "))).toEqual([
      "404 /arch/core/os/x86_64/core.db.sig",
      "404 /arch/extra/os/x86_64/extra.db.sig",
    ]);
    // Everything is in the cache now.
    mirror.forget();
    await mkosiOk(["-f", "build", "--cache-only=always"], { cwd });
    expect(paths()).toEqual([]);
  });

  const noPeer = peerMissing();
  test.skipIf(noPeer !== undefined)(
    `is what the original builds${noPeer === undefined ? "" : `: ${noPeer}`}`,
    async () => {
      const settings = {
        packages: "bash hello",
        more: "[Content]\nWithDocs=no\nRemovePackages=hello-weak absent\n",
      };
      const [ours, theirs] = [archProject(settings), archProject(settings)];
      await mkosiOk(["build"], { cwd: ours });
      // Debian's pacman-key does not look where the test key is; what is installed does not depend on it.
      const built = await run(["python3", "-m", "mkosi", "--repository-key-check=no", "build"], {
        cwd: theirs,
        env: { PYTHONPATH: join(peerDirectory(), "usr/lib/python3/dist-packages") },
      });
      if (built.status !== 0) throw new Error(built.stderr.slice(-3000));
      expect(installed(ours)).toEqual(installed(theirs));
      expect(lines(join(ours, "image"))).toEqual(lines(join(theirs, "image")));
    },
  );

  /** Without what has the time of the installation in it, and lock files of programs that look at users. */
  function lines(directory: string): string[] {
    return listing(directory)
      .split("\n")
      .filter((line) => !/ \.\/(?:var\/lib\/pacman\/local\/.*|etc\/\.pwd\.lock|boot|efi)( |$)/.test(line));
  }

  test("group, version and provided names are package specifications; files are not", async () => {
    const cwd = archProject({ packages: "greeting bash>=5" });
    await mkosiOk(["build"], { cwd });
    expect(installed(cwd)).toMatchObject({ hello: expect.anything(), "hello-weak": expect.anything() });
    const { stderr } = await failure(archProject({ packages: "/srv/x.pkg.tar.zst" }));
    expect(stderr).toMatch(/x\.pkg\.tar\.zst is the name of a file.*\n.*mkosi\.conf:8.*\n.*PackageDirectories=/);
  });

  test("packages of this machine and of build scripts come first, older and unsigned as they may be", async () => {
    const hello = packageFile("extra-testing", /^hello-2/);
    const cwd = archProject({
      packages: "bash",
      more: "[Content]\nPackageDirectories=local\nVolatilePackages=hello hello-weak\nBuildPackages=tar\n",
      files: {
        local: {},
        "mkosi.build": '#!/bin/sh\ncp /work/src/given/* "$PACKAGEDIR"\n',
        given: {},
      },
    });
    copyFileSync(hello, join(cwd, "local", hello.split("/").at(-1) ?? ""));
    const weak = packageFile("extra", /^hello-weak/);
    copyFileSync(weak, join(cwd, "given", weak.split("/").at(-1) ?? ""));
    await mkosiOk(["build"], { cwd });
    expect(installed(cwd)["hello"]).toMatch(/^2\.10-5\.1/);
    expect(installed(cwd)).toHaveProperty("hello-weak");
    expect(installed(cwd)).not.toHaveProperty("tar");
    expect(paths().filter((path) => path.includes("/hello"))).toEqual([]);
  });

  function packageFile(repository: string, name: RegExp): string {
    const directory = join(mirror.root, "arch", repository, "os/x86_64");
    const file = readdirSync(directory).find((entry) => name.test(entry) && entry.endsWith(".zst"));
    return join(directory, file ?? "absent");
  }

  test("scripts install by mkosi-install and pacman, RemovePackages= removes, CleanPackageMetadata= cleans", async () => {
    const cwd = archProject({
      packages: "bash",
      more: "[Content]\nRemovePackages=hello-weak\nCleanPackageMetadata=yes\n",
      files: {
        "mkosi.prepare":
          '#!/bin/sh -e\nif [ "$1" = final ]; then mkosi-install hello hello-weak; pacman -Qq >"$BUILDROOT/list"; fi\n',
      },
    });
    await mkosiOk(["build"], { cwd });
    expect(readFileSync(join(cwd, "image/list"), "utf8").split("\n")).toEqual(
      expect.arrayContaining(["bash", "hello", "hello-weak"]),
    );
    expect(existsSync(join(cwd, "image/usr/share/hello-weak"))).toBe(false);
    expect(existsSync(join(cwd, "image/var/lib/pacman"))).toBe(false);
    expect(Object.keys(installed(cwd))).toContain("hello");
  });

  test("Repositories= and Snapshot= choose what is asked, latest-snapshot says what there is", async () => {
    const cwd = archProject({ packages: "hello", more: "[Distribution]\nRepositories=extra-testing\n" });
    await mkosiOk(["build"], { cwd });
    expect(installed(cwd)["hello"]).toMatch(/^2\.10-5\.1/);
    const { stdout } = await mkosiOk(["latest-snapshot"], { cwd });
    expect(stdout).toBe("2025/06/15\n");
    const snapshot = archProject({ packages: "hello", more: `[Distribution]\nSnapshot=${stdout.trim()}\n` });
    mirror.forget();
    await mkosiOk(["build"], { cwd: snapshot });
    expect(paths()).toContain("200 /arch/repos/2025/06/15/core/os/x86_64/core.db");
  });

  test("a pacman.conf and a repository of a sandbox tree count", async () => {
    const server = `${mirror.url("arch")}/$repo/os/$arch`;
    const conf = `[options]\nDownloadUser = alpm\nSigLevel = Required DatabaseOptional\nArchitecture = x86_64\nInclude = /etc/pacman.d/*.conf\n[core]\nServer = ${server}\n`;
    const cwd = archProject({
      packages: "hello",
      mirrorSetting: "Mirror=http://127.0.0.1:9/absent",
      files: {
        "mkosi.sandbox": {
          etc: { "pacman.conf": conf, "pacman.d": { "own.conf": `[extra-testing]\nServer = ${server}\n` } },
        },
      },
    });
    await mkosiOk(["build"], { cwd });
    expect(installed(cwd)["hello"]).toMatch(/^2\.10-5\.1/);
  });

  describe("failures", () => {
    test.for(["unsigned", "wrong-key"] as const)("a package that is %s", async (variant) => {
      const cwd = archProject({ packages: "hello", variant });
      const { stderr } = await failure(cwd);
      const complaint = variant === "unsigned" ? "has no signature in" : "is not signed by a key of";
      expect(stderr).toMatch(new RegExp(`the package hello-2[^ ]*\\.zst ${complaint} arch rolling \\(core, extra\\)`));
      expect(stderr).toContain("mkosi.conf:3");
      expect(stderr).not.toMatch(/Proceed with|keyring is not writable/);
      // Nothing of it is kept; what an earlier build has left is downloaded again.
      const cached = join(cwd, "cache/pacman/arch~packages");
      expect(readdirSync(cached)).toEqual([]);
      if (variant === "wrong-key") {
        const strangers = join(mirror.root, variant, "arch/extra/os/x86_64");
        for (const name of readdirSync(strangers).filter((file) => /^hello-2.*\.zst(\.sig)?$/.test(file)))
          copyFileSync(join(strangers, name), join(cached, name));
      }
      await mkosiOk(["build", `--mirror=${mirror.url("arch")}`], { cwd });
      // It is trusted when one says so.
      await mkosiOk(["build", "-f", "--repository-key-check=no"], { cwd });
    });

    test("a name that does not exist, with what it may have meant", async () => {
      const { stderr } = await failure(archProject({ packages: "bash hellp" }));
      expect(stderr).toMatch(
        /the package hellp does not exist in arch rolling .*Packages= .*mkosi\.conf:8.*; similar: hello/,
      );
      const version = await failure(archProject({ packages: "hello=99" }));
      expect(version.stderr).toMatch(
        /the package hello has no version that "hello=99" allows[^]*help: correct the version/,
      );
    });

    test("a mirror that is not one, and a package that it has lost", async () => {
      const { stderr } = await failure(archProject({ mirrorSetting: `Mirror=${mirror.url("arch")}/absent` }));
      expect(stderr).toMatch(/the repository core cannot be fetched from [^\n]*: the server answers 404/);
      mirror.faults({ match: /hello-2[^/]*zst$/, kind: { status: 404 } });
      const lost = await failure(archProject({ packages: "hello" }));
      expect(lost.stderr).toMatch(/the package hello-2[^\n]* cannot be fetched from [^\n]*: the server answers 404/);
    });

    test("a mirror that fails for a moment is asked again", async () => {
      mirror.faults(
        { match: /core\.db$/, kind: { status: 503 }, times: 1 },
        { match: /hello-2[^/]*zst$/, kind: "truncated", times: 1 },
        { match: /bash-[^/]*zst$/, kind: "corrupted", times: 1 },
        { match: /filesystem-[^/]*zst$/, kind: { delay: 3 }, times: 1 },
      );
      const cwd = archProject({ packages: "bash hello" });
      await mkosiOk(["build"], { cwd });
      expect(installed(cwd)).toHaveProperty("hello");
    });

    test("a mirror that goes on to fail, or to damage packages, is named; nothing of it is kept", async () => {
      mirror.faults({ match: /extra\.db$/, kind: { status: 500 } });
      const cwd = archProject({
        packages: "bash hello",
        more: "Incremental=yes\nCacheDirectory=layers\n",
        files: { layers: {} },
      });
      expect((await failure(cwd)).stderr).toMatch(/the repository extra cannot be fetched from [^\n]*500/);
      mirror.faults({ match: /hello-2[^/]*zst$/, kind: "corrupted" });
      expect((await failure(cwd)).stderr).toMatch(/the package hello-2[^\n]* is not what its repository says/);
      mirror.faults();
      await mkosiOk(["build"], { cwd });
      expect(installed(cwd)).toHaveProperty("hello");
    });
  });
});
