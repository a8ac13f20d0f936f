import { describe, expect, test } from "vitest";
import { markInstalled, parseFileName } from "../../../src/package-managers/apt/fetch.ts";
import { parseStatus } from "../../../src/package-managers/apt/installed.ts";
import { nameOf } from "../../../src/package-managers/apt/missing.ts";
import { parseRecord } from "../../../src/package-managers/apt/plan.ts";
import { StatusTracker } from "../../../src/package-managers/apt/progress.ts";

describe("dpkg's database", () => {
  const status = `Package: zlib1g
Status: install ok installed
Architecture: amd64
Installed-Size: 169
Source: zlib (1:1.3)
Version: 1:1.3.dfsg-1
Description: compression library
 zlib is a library: it has
 Version: in its description

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1

Package: bash
Status: install ok installed
Architecture: amd64
Version: 5.2


`;

  test("has installed packages, sorted by name", () => {
    expect(parseStatus(status)).toEqual([
      { name: "bash", version: "5.2", architecture: "amd64", size: 0 },
      { name: "zlib1g", version: "1:1.3.dfsg-1", architecture: "amd64", size: 169 * 1024, source: "zlib" },
    ]);
  });

  test("may be empty", () => {
    expect(parseStatus("")).toEqual([]);
  });

  test("is made from an index by marking its records", () => {
    const marked = markInstalled(
      "Package: bash\nVersion: 5.2\nArchitecture: amd64\n\nPackage: dash\nVersion: 1\nArchitecture: amd64\n",
    );
    expect(parseStatus(marked).map(({ name, version }) => `${name} ${version}`)).toEqual(["bash 5.2", "dash 1"]);
  });
});

test("package files are named by name, version and architecture", () => {
  expect(parseFileName("/var/cache/apt/archives/libgmp10_2%3a6.3.0+dfsg-3_amd64.deb")).toEqual({
    name: "libgmp10",
    version: "2:6.3.0+dfsg-3",
    architecture: "amd64",
  });
});

test.for([
  ["bash=5.2-1", "bash"],
  ["bash/trixie", "bash"],
  ["gcc:amd64", "gcc"],
  ["libstdc++6", "libstdc++6"],
  ["?exact-name(x)", "?exact-name(x)"],
  ["^libtss2-mu[0-9.-]+(t64)?$", "^libtss2-mu[0-9.-]+(t64)?$"],
])("%s names %s", ([spec, name]) => {
  expect(nameOf(spec ?? "")).toBe(name);
});

test("a record of dpkg runs has neither empty runs nor descriptors", () => {
  expect(
    parseRecord(
      "--root=/buildroot\n--status-fd\n12\n--unpack\n/a b.deb\n\n--status-fd\n14\n--configure\n--pending\n\n",
    ),
  ).toEqual([
    ["--root=/buildroot", "--unpack", "/a b.deb"],
    ["--configure", "--pending"],
  ]);
  expect(parseRecord("")).toEqual([]);
});

describe("status lines", () => {
  const after = (total: number | undefined, ...lines: string[]) => {
    const tracker = new StatusTracker(total);
    for (const line of lines) tracker.add(line);
    return tracker.detail;
  };

  test("of downloads", () => {
    expect(after(undefined, "dlstatus:3:25.1:Retrieving file 3 of 12")).toBe("downloading 3 of 12");
  });

  test("of dpkg count packages", () => {
    expect(after(2, "processing: install: bash", "status: bash: half-installed", "status: bash: unpacked")).toBe(
      "unpacked 1 of 2 packages",
    );
    expect(after(2, "status: libc6:amd64: unpacked", "status: libc6:amd64: installed", "status: bash: installed")).toBe(
      "2 of 2 packages",
    );
    expect(after(2, "status: bash: installed", "status: bash: installed")).toBe("1 of 2 packages");
  });

  test("of apt are in words", () => {
    expect(after(undefined, "pmstatus:dpkg:50.0:Removing dpkg (amd64)")).toBe("Removing dpkg");
    expect(after(undefined, "nonsense", "")).toBeUndefined();
  });
});
