import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { debian } from "../../src/distributions/debian.ts";
import { checkEmulation } from "../../src/distributions/emulation.ts";
import { kali } from "../../src/distributions/kali.ts";
import { distributionOf } from "../../src/distributions/registry.ts";
import { ubuntu } from "../../src/distributions/ubuntu.ts";
import { nativeArchitecture } from "../../src/facts/architectures.ts";
import type { Config } from "../../src/settings/index.ts";
import { makeImage } from "../support/image.ts";

const suites = (overrides: Partial<Config>, distribution = debian) =>
  distribution.repositories(makeImage(overrides).config).map(({ url, suite }) => `${url} ${suite}`);

describe("Debian's repositories", () => {
  test("of a release", () => {
    expect(suites({})).toEqual([
      "http://deb.debian.org/debian trixie",
      "http://deb.debian.org/debian trixie-updates",
      "http://deb.debian.org/debian-security trixie-security",
    ]);
  });

  test.for(["sid", "unstable"])("of %s are one suite", (release) => {
    expect(suites({ release })).toEqual([`http://deb.debian.org/debian ${release}`]);
  });

  test("of a mirror, whose security updates come from Debian", () => {
    expect(suites({ mirror: "http://mirror.example/" })).toEqual([
      "http://mirror.example/debian trixie",
      "http://mirror.example/debian trixie-updates",
      "http://deb.debian.org/debian-security trixie-security",
    ]);
  });

  test("of a snapshot have no updates suite, but security updates of the same time", () => {
    expect(suites({ snapshot: "20250801T000000Z" })).toEqual([
      "https://snapshot.debian.org/archive/debian/20250801T000000Z trixie",
      "https://snapshot.debian.org/archive/debian-security/20250801T000000Z trixie-security",
    ]);
  });

  test("have debug symbols only for those who ask", () => {
    expect(suites({ packages: ["systemd-dbgsym"] })).toContain("http://deb.debian.org/debian-debug trixie-debug");
  });

  test("of a local mirror are that alone, and trusted", () => {
    const [repository, ...others] = debian.repositories(
      makeImage({ localMirror: "file:///srv/repo", repositories: ["contrib"] }).config,
    );
    expect(others).toEqual([]);
    expect(repository).toEqual({ id: "local-mirror", url: "file:///srv/repo", suite: "trixie", components: ["main"] });
  });

  test("have main and the components asked for, and are verified unless that is turned off", () => {
    const [repository] = debian.repositories(makeImage({ repositories: ["contrib", "main"] }).config);
    expect(repository?.components).toEqual(["main", "contrib"]);
    expect(repository?.signedBy).toBe("/usr/share/keyrings/debian-archive-keyring.gpg");
    expect(debian.repositories(makeImage({ repositoryKeyCheck: false }).config)[0]?.signedBy).toBeUndefined();
  });
});

describe("others' repositories", () => {
  test("Ubuntu's security updates are not those of a mirror", () => {
    expect(suites({ release: "noble", mirror: "http://m/ubuntu" }, ubuntu)).toEqual([
      "http://m/ubuntu noble",
      "http://m/ubuntu noble-updates",
      "http://security.ubuntu.com/ubuntu noble-security",
    ]);
  });

  test("Ubuntu has other servers for other architectures", () => {
    expect(
      new Set(suites({ release: "noble", architecture: "arm64" }, ubuntu).map((line) => line.split(" ")[0])),
    ).toEqual(new Set(["http://ports.ubuntu.com"]));
  });

  test("Kali has one suite and no snapshots", () => {
    expect(suites({ release: "kali-rolling" }, kali)).toEqual(["http://http.kali.org/kali kali-rolling"]);
    expect(() => kali.validate(makeImage({ architecture: nativeArchitecture(), snapshot: "1" }))).toThrow(
      /no snapshots/,
    );
  });
});

describe("Debian refuses", () => {
  const refusal = (overrides: Partial<Config>) => () =>
    debian.validate(makeImage({ architecture: nativeArchitecture(), ...overrides }));

  test("nothing of what it has", () => {
    for (const release of ["bookworm", "trixie", "forky", "testing", "stable", "sid"])
      expect(refusal({ release, repositories: ["non-free-firmware"] })).not.toThrow();
  });

  test.for<[string, RegExp]>([
    ["trixy", /no release "trixy"/],
    ["13", /no release "13"/],
  ])("the release %s", ([release, message]) => {
    expect(refusal({ release })).toThrow(message);
  });

  test("a number with the name that it means, and an old release with its place", () => {
    expect(refusal({ release: "13.1" })).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ remedy: "set Release=trixie" }) }),
    );
    expect(refusal({ release: "buster" })).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ remedy: expect.stringContaining("archive.debian.org") }),
      }),
    );
  });

  test("a component it does not have", () => {
    expect(refusal({ repositories: ["universe"] })).toThrow(/no component "universe"/);
  });

  test("no release or component of somebody's own mirror", () => {
    expect(refusal({ release: "ours", repositories: ["extra"], mirror: "http://m" })).not.toThrow();
  });

  test("an architecture it does not have", () => {
    expect(refusal({ architecture: "tilegx" })).toThrow(/does not exist for the architecture tilegx/);
  });
});

describe("emulation", () => {
  let registry: string;
  beforeEach(() => {
    registry = mkdtempSync(join(tmpdir(), "binfmt-"));
  });
  afterEach(() => rmSync(registry, { recursive: true }));
  const register = (name: string, text: string) => writeFileSync(join(registry, name), text);
  const check = (architecture: Config["architecture"]) => () =>
    checkEmulation(makeImage({ architecture }), "x86-64", registry);

  test("is not needed for the machine's own architectures", () => {
    expect(check("x86-64")).not.toThrow();
    expect(check("x86")).not.toThrow();
  });

  test("must be registered", () => {
    expect(check("arm64")).toThrow(/no emulator/);
    register("qemu-arm", "enabled\ninterpreter /usr/bin/qemu-arm-static\nflags: OCF\n");
    expect(check("arm64")).toThrow(/no emulator/);
    register("qemu-aarch64", "enabled\ninterpreter /usr/bin/qemu-aarch64-static\nflags: OCF\noffset 0\n");
    expect(check("arm64")).not.toThrow();
  });

  test("must be enabled, and opened by the kernel", () => {
    register("qemu-aarch64", "disabled\nflags: OCF\n");
    expect(check("arm64")).toThrow();
    register("qemu-aarch64", "enabled\nflags: OC\n");
    expect(check("arm64")).toThrow();
  });

  test("is missing where the kernel does not have it at all", () => {
    rmSync(registry, { recursive: true });
    expect(check("arm64")).toThrow(/no emulator/);
    mkdirSync(registry);
  });
});

describe("the registry", () => {
  test("finds what it has", () => {
    expect(distributionOf(makeImage({ distribution: "debian" })).name).toBe("debian");
  });
});
