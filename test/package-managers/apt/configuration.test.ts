import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { renderConfiguration } from "../../../src/package-managers/apt/configuration.ts";
import { renderSources } from "../../../src/package-managers/apt/sources.ts";
import { findProgram } from "../../../src/sandbox/find-program.ts";
import { makeContext } from "../context.ts";

/** What apt itself makes of a configuration. */
function dump(text: string): Map<string, string[]> {
  const directory = mkdtempSync(join(tmpdir(), "apt-conf-"));
  try {
    writeFileSync(join(directory, "apt.conf"), text);
    const env = { PATH: process.env["PATH"] ?? "", APT_CONFIG: join(directory, "apt.conf") };
    const values = new Map<string, string[]>();
    for (const line of execFileSync("apt-config", ["dump"], { env, encoding: "utf8" }).split("\n")) {
      const match = /^(\S+?)(?:::)? "(.*)";$/.exec(line);
      if (match?.[1] !== undefined) values.set(match[1], [...(values.get(match[1]) ?? []), match[2] ?? ""]);
    }
    return values;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe.skipIf(findProgram("apt-config") === undefined)("apt reads", () => {
  test("the defaults", () => {
    const values = dump(renderConfiguration(makeContext()));
    expect(values.get("APT::Architecture")).toEqual(["amd64"]);
    expect(values.get("APT::Install-Recommends")).toEqual(["false"]);
    expect(values.get("Dir::State::status")).toEqual(["/buildroot/var/lib/dpkg/status"]);
    expect(values.get("Acquire::Check-Valid-Until")).toEqual(["false"]);
    expect(values.get("DPkg::Options")).toContain("--root=/buildroot");
    expect(values.get("DPkg::Options")).not.toContain("--path-exclude=/usr/share/doc/*");
    expect(values.has("APT::Get::AllowUnauthenticated")).toBe(false);
    expect(values.has("Acquire::http::Proxy")).toBe(false);
  });

  test("recommended packages, no documentation, no keys", () => {
    const values = dump(
      renderConfiguration(makeContext({ withRecommends: true, withDocs: false, repositoryKeyCheck: false })),
    );
    expect(values.get("APT::Install-Recommends")).toEqual(["true"]);
    const options = values.get("DPkg::Options") ?? [];
    expect(options.filter((option) => option.startsWith("--path-exclude="))).toHaveLength(5);
    // dpkg goes by the last option that matches a path
    expect(options.at(-1)).toBe("--path-include=/usr/share/doc/*/copyright");
    expect(values.get("APT::Get::AllowUnauthenticated")).toEqual(["true"]);
  });

  test("a proxy with a quote in it stays one value", () => {
    const values = dump(
      renderConfiguration(makeContext({ proxyUrl: 'http://proxy:3128/"x', proxyExclude: ["localhost"] })),
    );
    expect(values.get("Acquire::http::Proxy")).toEqual(["http://proxy:3128/%22x"]);
    expect(values.get("Acquire::https::Proxy::localhost")).toEqual(["DIRECT"]);
  });

  test("a recorder comes before our options for dpkg", () => {
    expect(
      dump(renderConfiguration(makeContext(), ["/run/recorder"]))
        .get("DPkg::Options")
        ?.find((option) => option !== ""),
    ).toBe("/run/recorder");
  });
});

describe("sources", () => {
  const deb = { id: "a", url: "http://mirror/debian", suite: "trixie", components: ["main", "contrib"] };

  test("are verified by their keyring", () => {
    expect(renderSources([{ ...deb, signedBy: "/k.gpg" }])).toBe(
      "Types: deb\nURIs: http://mirror/debian\nSuites: trixie\nComponents: main contrib\nSigned-By: /k.gpg\n",
    );
  });

  test("without a keyring are trusted; stanzas are separated by an empty line", () => {
    const text = renderSources([deb, { ...deb, snapshot: "20250101T000000Z" }]);
    expect(text.split("\n\n")).toHaveLength(2);
    expect(text).toContain("Trusted: yes\n");
    expect(text).toContain("Snapshot: 20250101T000000Z\n");
  });

  test("of a flat repository have no components", () => {
    expect(renderSources([{ id: "b", url: "file:///repo" }])).toBe(
      "Types: deb\nURIs: file:///repo\nSuites: ./\nTrusted: yes\n",
    );
  });
});
