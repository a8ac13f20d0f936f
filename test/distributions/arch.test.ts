// Which repositories Arch Linux and postmarketOS have, as the original names them for the same settings.

import { describe, expect, test } from "vitest";
import { arch } from "../../src/distributions/arch.ts";
import { custom } from "../../src/distributions/custom.ts";
import { postmarketos } from "../../src/distributions/postmarketos.ts";
import { snapshotSource } from "../../src/distributions/snapshots.ts";
import type { Config } from "../../src/settings/index.ts";
import { makeImage } from "../support/image.ts";

function urls(overrides: Partial<Config>): string[] {
  const { config } = makeImage({ distribution: "arch", release: "rolling", ...overrides });
  return arch.repositories(config).map(({ id, url }) => `${id} ${url}`);
}

describe("Arch Linux", () => {
  test("x86-64, its mirror, its archive and a local mirror", () => {
    expect(urls({})).toEqual([
      "core https://fastly.mirror.pkgbuild.com/core/os/x86_64",
      "extra https://fastly.mirror.pkgbuild.com/extra/os/x86_64",
    ]);
    expect(urls({ snapshot: "2026/01/01" })[0]).toBe(
      "core https://archive.archlinux.org/repos/2026/01/01/core/os/x86_64",
    );
    expect(urls({ snapshot: "2026/01/01", mirror: "http://m/" })[1]).toBe(
      "extra http://m/repos/2026/01/01/extra/os/x86_64",
    );
    expect(urls({ localMirror: "file:///srv" })).toEqual(["core file:///srv"]);
  });

  test("testing and multilib come first, in their own order", () => {
    const repositories = ["multilib", "core-testing", "multilib-testing", "extra-testing"];
    const ids = urls({ repositories }).map((line) => line.split(" ")[0]);
    expect(ids).toEqual(["core-testing", "extra-testing", "multilib-testing", "multilib", "core", "extra"]);
  });

  test("ARM has a mirror of its own, and no archive", () => {
    expect(urls({ architecture: "arm64" })).toEqual([
      "core http://mirror.archlinuxarm.org/aarch64/core",
      "extra http://mirror.archlinuxarm.org/aarch64/extra",
      "alarm http://mirror.archlinuxarm.org/aarch64/alarm",
    ]);
  });

  test("other repositories and architectures are refused", () => {
    const image = (overrides: Partial<Config>) => makeImage({ distribution: "arch", release: "rolling", ...overrides });
    expect(() => arch.validate(image({ repositories: ["aur"] }))).toThrow('Arch Linux has no repository "aur"');
    expect(() => arch.validate(image({ architecture: "s390x" }))).toThrow("does not exist for the architecture s390x");
  });
});

describe("postmarketOS", () => {
  const image = (overrides: Partial<Config>) =>
    makeImage({ distribution: "postmarketos", release: "edge", ...overrides });
  const list = (overrides: Partial<Config>) => postmarketos.repositories(image(overrides).config).map(({ url }) => url);

  test("Mirror= is for its own repositories, not for Alpine's", () => {
    const alpine = ["main", "community", "testing"].map((name) => `https://dl-cdn.alpinelinux.org/alpine/edge/${name}`);
    const own = "https://mirror.postmarketos.org/postmarketos";
    expect(list({})).toEqual([...alpine, `${own}/extra-repos/systemd/main`, `${own}/main`]);
    expect(list({ mirror: "http://m" })).toEqual([...alpine, "http://m/extra-repos/systemd/main", "http://m/main"]);
    expect(list({ localMirror: "http://l" })).toEqual(["http://l"]);
  });

  test("only edge has systemd", () => {
    expect(() => postmarketos.validate(image({ release: "v25.06" }))).toThrow('has no release "v25.06"');
  });
});

test("a custom tree has no packages", () => {
  const image = makeImage({ distribution: "custom", release: "", packages: ["bash"] });
  expect(() => custom.validate(image)).toThrow("Distribution=custom has no packages, but Packages= names bash");
});

describe("the newest snapshot", () => {
  test.for<[Partial<Config>, string, string, string]>([
    [
      { distribution: "debian" },
      "https://snapshot.debian.org/mr/timestamp",
      '{"result":{"debian":["20050312T000000Z","20251124T142020Z"]}}',
      "20251124T142020Z",
    ],
    [
      { distribution: "ubuntu", release: "noble" },
      "http://snapshot.ubuntu.com/ubuntu/dists/noble-updates/Release",
      "Origin: Ubuntu\nDate: Mon, 24 Nov 2025 18:52:01 UTC\n",
      "20251124T185201Z",
    ],
    [{ distribution: "arch" }, "https://archive.archlinux.org/repos/last/lastsync", "1750000000\n", "2025/06/15"],
    [
      { distribution: "fedora", release: "rawhide" },
      "https://kojipkgs.fedoraproject.org/compose/rawhide/latest-Fedora-Rawhide/COMPOSE_ID",
      "Fedora-Rawhide-20251124.n.0",
      "20251124.n.0",
    ],
    [
      { distribution: "fedora", release: "rawhide", mirror: "http://m/" },
      "http://m/compose/rawhide/latest-Fedora-Rawhide/COMPOSE_ID",
      "Fedora-Rawhide-20251124.n.0",
      "20251124.n.0",
    ],
    [
      { distribution: "centos", release: "10" },
      "https://composes.stream.centos.org/stream-10/production/latest-CentOS-Stream/COMPOSE_ID",
      "CentOS-Stream-10-20250615.0",
      "20250615.0",
    ],
    [
      { distribution: "opensuse", release: "tumbleweed" },
      "https://download.opensuse.org/history/latest",
      "20251123\n",
      "20251123",
    ],
  ])("of %o", ([overrides, url, text, expected]) => {
    const source = snapshotSource(makeImage(overrides));
    expect([source.url, source.read(text)]).toEqual([url, expected]);
    expect(() => source.read("<html>Not found</html>")).toThrow("does not say which snapshot is the newest");
  });

  test("distributions without snapshots say so", () => {
    expect(() => snapshotSource(makeImage({ distribution: "kali" }))).toThrow("Kali Linux has no snapshots");
    expect(() => snapshotSource(makeImage({ distribution: "fedora", release: "43" }))).toThrow(
      "Fedora Linux 43 has no snapshots",
    );
    expect(() => snapshotSource(makeImage({ distribution: "opensuse", release: "16.0" }))).toThrow(
      "openSUSE 16.0 has no snapshots",
    );
  });
});
