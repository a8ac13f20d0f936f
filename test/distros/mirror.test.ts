// The local mirror, read by the real package managers.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { writeTree } from "../support/project.ts";
import { mirrorMissing } from "./mirror.ts";
import { runTool } from "./run-tool.ts";
import { withMirror } from "./with-mirror.ts";

const missing = mirrorMissing();

describe.skipIf(missing !== undefined)(`mirror${missing === undefined ? "" : `: ${missing}`}`, () => {
  const mirror = withMirror();

  test("./x mirror prints addresses that are served, until it is interrupted", { timeout: 60_000 }, async () => {
    const root = join(import.meta.dirname, "../..");
    const program = spawn("node", ["scripts/run-ts.mjs", "test/distros/serve.ts"], {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void program.kill("SIGKILL"));
    const ended = once(program, "exit");
    let text = "";
    for await (const chunk of program.stdout) {
      text += String(chunk);
      if (/The files are in .*\n/.test(text)) break;
    }
    const url = /-d fedora -r 43 -m (\S+)/.exec(text)?.[1] ?? "";
    const answer = await fetch(`${url}/linux/releases/43/Everything/x86_64/os/repodata/repomd.xml`);
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("<repomd")]);
    program.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
  });

  /** A directory, gone after the test, and programs of the tools tree that see it. */
  function place() {
    const path = mkdtempSync(join(tmpdir(), "mkosi-mirror-"));
    onTestFinished(() => rmSync(path, { recursive: true, force: true }));
    const tool = async (argv: readonly string[], env = {}) =>
      await runTool(mirror.tools, argv, { see: [path], read: [mirror.root, mirror.keysTree], env, anyStatus: true });
    return { path, tool };
  }

  /** Options of dnf5 for one repository, with the test key. */
  function dnf(path: string, url: string, more = "gpgcheck=1"): string[] {
    const key = `file://${mirror.keysTree}/etc/pki/rpm-gpg/RPM-GPG-KEY-fedora-43-primary`;
    writeTree(path, {
      "repos/test.repo": `[test]\nname=test\n${url}\n${more}\ngpgkey=${key}\nskip_if_unavailable=0\n`,
      "dnf.conf": "[main]\n",
    });
    return [
      ...["dnf5", `--config=${path}/dnf.conf`, `--setopt=reposdir=${path}/repos`, `--setopt=cachedir=${path}/cache`],
      ...[
        "--setopt=retries=2",
        "--setopt=varsdir=/nonexistent",
        "--releasever=43",
        `--installroot=${path}/root`,
        "--assumeyes",
      ],
    ];
  }

  describe("dnf5", () => {
    test.for([
      ["fedora", "linux/releases/43/Everything/x86_64/os"],
      ["centos", "10-stream/AppStream/x86_64/os"],
      ["rocky", "9/AppStream/x86_64/os"],
      ["alma", "10/AppStream/x86_64/os"],
      ["rhel", "rhel10/10/x86_64/appstream/os"],
      ["rhel-ubi", "ubi10/10/x86_64/appstream/os"],
      ["azure", "3.0/prod/base/x86_64"],
      ["mageia", "distrib/9/x86_64/media/core/release"],
      ["openmandriva", "cooker/repository/x86_64/main/release"],
      ["opensuse", "distribution/leap/16.0/repo/oss"],
    ] as const)("reads %s, groups and weak dependencies too", async ([name, repository]) => {
      const { path, tool } = place();
      const base = dnf(path, `baseurl=${mirror.url(name)}/${repository}`);
      const packages = await tool([...base, "repoquery", "--qf", "%{name} %{recommends}\\n", "hello*"]);
      expect(packages.stderr + packages.stdout).toMatch(/^hello hello-weak$/m);
      const groups = await tool([...base, "group", "info", "greeting"]);
      expect(groups.stdout).toMatch(/Mandatory packages\s*: hello$/m);
      expect(mirror.requests().map((request) => request.path)).toContain(`/${name}/${repository}/repodata/repomd.xml`);
    });

    test("installs a signed package, and neither an unsigned one nor a stranger's", { timeout: 120_000 }, async () => {
      const results: Record<string, string> = {};
      for (const variant of [undefined, "unsigned", "wrong-key"] as const) {
        const { path, tool } = place();
        const base = dnf(path, `baseurl=${mirror.url("fedora", variant)}/linux/releases/43/Everything/x86_64/os`);
        const { status, stderr } = await tool([...base, "install", "--setopt=tsflags=test", "hello"]);
        results[variant ?? "signed"] =
          `${status} ${/not signed|not correct|signature|not trusted|public key/i.exec(stderr)?.[0] ?? ""}`;
      }
      expect(results["signed"]).toBe("0 ");
      expect(results["unsigned"]).toMatch(/^1 ./);
      expect(results["wrong-key"]).toMatch(/^1 ./);
    });

    test("takes the next mirror of a metalink through the proxy", async () => {
      const { path, tool } = place();
      const metalink = "metalink=https://mirrors.fedoraproject.org/metalink?arch=x86_64&repo=fedora-43";
      mirror.faults({ match: /mirror-a\.example/, kind: { status: 500 } });
      const base = dnf(path, metalink, `gpgcheck=1\nproxy=${mirror.proxy}`);
      const { stdout, stderr } = await tool([...base, "repoquery", "--qf", "%{name}\\n", "hello"]);
      expect(stderr + stdout).toMatch(/^hello$/m);
      const urls = mirror.requests().map(({ url, status }) => `${status} ${url}`);
      const repository = "fedora/linux/releases/43/Everything/x86_64/os/repodata/repomd.xml";
      expect(urls[0]).toBe("200 https://mirrors.fedoraproject.org/metalink?arch=x86_64&repo=fedora-43");
      expect(urls).toContain(`500 http://mirror-a.example.invalid/${repository}`);
      expect(urls).toContain(`200 http://mirror-b.example.invalid/${repository}`);
    });
  });

  test("dnf 4 reads a mirror list", async () => {
    const { path, tool } = place();
    const url = "mirrorlist=https://mirrors.rockylinux.org/mirrorlist?arch=x86_64&repo=AppStream-10";
    const base = dnf(path, url, `gpgcheck=1\nproxy=${mirror.proxy}`).with(0, "dnf-3");
    const { stdout, stderr } = await tool([...base, "repoquery", "--qf", "%{name}", "hello"]);
    expect(stderr + stdout).toMatch(/^hello$/m);
  });

  test("zypper reads the repository, with the key of the metadata", async () => {
    const { path, tool } = place();
    writeTree(path, {
      "repos/a.repo": `[oss]\nname=oss\nbaseurl=${mirror.url("opensuse")}/tumbleweed/repo/oss\ngpgcheck=1\nautorefresh=0\n`,
    });
    const zypper = [
      "zypper",
      `--reposd-dir=${path}/repos`,
      `--cache-dir=${path}/cache`,
      `--installroot=${path}/root`,
      "--non-interactive",
    ];
    const refused = await tool([...zypper, "refresh"]);
    expect(refused.status).not.toBe(0);
    const { stdout, stderr, status } = await tool([...zypper, "--gpg-auto-import-keys", "refresh"]);
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining("Test key of the mirror")]);
    // Debian's zypper makes no patterns of the packages that are patterns.
    const found = await tool([...zypper, "--no-refresh", "search", "--provides", "--match-exact", "pattern()"]);
    expect(found.stdout).toContain("patterns-base-minimal_base");
    const hello = await tool([...zypper, "--no-refresh", "info", "--recommends", "hello"]);
    expect(hello.stdout).toContain("hello-weak");
  });

  describe("pacman", () => {
    async function pacman(variant?: "unsigned" | "wrong-key") {
      const { path, tool } = place();
      cpSync(join(mirror.keysTree, "usr/share/pacman/keyrings"), join(path, "keyrings"), { recursive: true });
      const servers = ["core", "extra"].map(
        (name) => `[${name}]\nServer = ${mirror.url("arch", variant)}/$repo/os/$arch\n`,
      );
      writeTree(path, {
        "pacman.conf": `[options]\nArchitecture = x86_64\nSigLevel = Required DatabaseOptional\nDisableSandbox\n${servers.join("")}`,
        root: {},
        db: {},
        cache: {},
      });
      const options = ["--config", `${path}/pacman.conf`, "--root", `${path}/root`, "--dbpath", `${path}/db`];
      const more = [`--cachedir=${path}/cache`, `--gpgdir=${path}/gnupg`, "--noconfirm"];
      const init = `pacman-key --gpgdir "$0" --init && pacman-key --gpgdir "$0" --populate-from "$1" --populate archlinux; s=$?; gpgconf --homedir "$0" --kill all; exit $s`;
      const keyed = await tool(["bash", "-c", init, `${path}/gnupg`, `${path}/keyrings`]);
      expect([keyed.status, keyed.stderr]).toEqual([0, expect.anything()]);
      return { path, run: async (...args: string[]) => await tool(["pacman", ...options, ...more, ...args]) };
    }

    test("reads repositories, groups and signatures", { timeout: 120_000 }, async () => {
      const { run } = await pacman();
      expect((await run("-Sy")).status).toBe(0);
      expect((await run("-Sg", "greeting")).stdout).toBe("greeting hello\ngreeting hello-weak\n");
      const downloaded = await run("-Sw", "hello");
      expect([downloaded.status, downloaded.stderr]).toEqual([0, expect.anything()]);
      expect(mirror.requests().map(({ path, status }) => `${status} ${path}`)).toContainEqual(
        expect.stringMatching(/^200 \/arch\/extra\/os\/x86_64\/hello-.*\.zst\.sig$/),
      );
    });

    test.for(["unsigned", "wrong-key"] as const)(
      "refuses a package that is %s",
      { timeout: 120_000 },
      async (variant) => {
        const { run } = await pacman(variant);
        const { status, stderr } = await run("-Syw", "hello");
        expect([status, stderr]).toEqual([
          1,
          expect.stringMatching(variant === "unsigned" ? /hello\S*\.sig.*404/ : /required key missing from keyring/),
        ]);
      },
    );
  });

  test("signatures of packages and metadata are the test key's", async () => {
    const { path, tool } = place();
    const key = join(mirror.keysTree, "etc/pki/rpm-gpg/RPM-GPG-KEY-openSUSE");
    const database = ["--dbpath", join(path, "db")];
    expect((await tool(["rpmkeys", ...database, "--import", key])).status).toBe(0);
    const check = `find ${mirror.root}/fedora/linux/releases/43 -name '*.rpm' -print0 | xargs -0 rpmkeys --dbpath ${path}/db --checksig`;
    const checked = await tool(["sh", "-c", check]);
    const lines = checked.stdout.trim().split("\n");
    expect(lines.length).toBeGreaterThan(60);
    expect(lines.filter((line) => !line.endsWith(": digests signatures OK"))).toEqual([]);
    const verify = `gpg --batch --quiet --import ${key} && gpg --batch --verify "$0.asc" "$0"`;
    const metadata = join(mirror.root, "opensuse/tumbleweed/repo/oss/repodata/repomd.xml");
    const verified = await tool(["sh", "-c", verify, metadata]);
    expect([verified.status, verified.stderr]).toEqual([0, expect.stringContaining("Good signature")]);
  });

  test("the server answers ranges, HEAD, conditions and faults", async () => {
    const url = `${mirror.url("opensuse")}/history/latest`;
    const text = "20250615\n";
    const get = async (init?: RequestInit) => await fetch(url, init);
    expect(await (await get()).text()).toBe(text);
    const part = await get({ headers: { range: "bytes=4-5" } });
    expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([206, "bytes 4-5/9", "06"]);
    expect((await get({ headers: { range: "bytes=9-" } })).status).toBe(416);
    const head = await get({ method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "9", ""]);
    const modified = head.headers.get("last-modified") ?? "";
    expect((await get({ headers: { "if-modified-since": modified } })).status).toBe(304);
    expect((await fetch(`${mirror.url("opensuse")}/../../complete`)).status).toBe(404);

    mirror.faults({ match: /latest$/, kind: "truncated", times: 1 }, { match: /latest$/, kind: "corrupted", times: 1 });
    await expect(get().then(async (answer) => await answer.text())).rejects.toThrow();
    const corrupted = await (await get()).text();
    expect([corrupted.length > 0, corrupted === text]).toEqual([true, false]);
    expect(await (await get()).text()).toBe(text);
    mirror.faults({ match: /latest$/, kind: { status: 500 }, times: 1 }, { match: /latest$/, kind: { delay: 0.3 } });
    expect((await get()).status).toBe(500);
    const started = performance.now();
    expect((await get()).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(290);
    mirror.faults({ match: /latest$/, kind: { path: "/arch/repos/last/lastsync" } });
    expect(await (await get()).text()).toBe("1750000000\n");
    const [first, second] = mirror.requests();
    expect([first?.status, second?.status, second?.range, second?.path]).toEqual([
      200,
      206,
      "bytes=4-5",
      "/opensuse/history/latest",
    ]);
  });
});
