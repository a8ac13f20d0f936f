// Whatever changes in a project, an incremental build makes what a clean one makes.

import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { listing } from "../support/listing.ts";
import { mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";

/** Settings of the project, and the files of its trees with their content and mode. */
interface Project {
  readonly settings: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, { readonly text: string; readonly mode: number } | { readonly to: string }>>;
}

const FIXED = `[Distribution]
Distribution=debian
Release=trixie

[Output]
Format=directory
SplitArtifacts=

[Build]
Incremental=yes

[Content]
SourceDateEpoch=1700000000
`;

const settings = fc.record(
  {
    Packages: fc.constantFrom("util-linux", "util-linux less", "systemd udev"),
    Hostname: fc.constantFrom("one", "two"),
    Locale: fc.constantFrom("C.UTF-8", "en_US.UTF-8"),
    Timezone: fc.constantFrom("UTC", "Europe/Berlin"),
    RootPassword: fc.constantFrom("hashed:", "hashed:$y$j9T$abc$def"),
    RootShell: fc.constantFrom("/bin/sh", "/usr/bin/bash"),
    WithDocs: fc.constantFrom("yes", "no"),
    WithRecommends: fc.constantFrom("yes", "no"),
    RemoveFiles: fc.constantFrom("/usr/share/bug", "/usr/share/doc,/etc/one"),
    RemovePackages: fc.constantFrom("libc-l10n"),
    Autologin: fc.constantFrom("yes", "no"),
    MakeInitrd: fc.constantFrom("yes", "no"),
    Environment: fc.constantFrom("A=1", "A=2"),
    MachineId: fc.constantFrom("a5d2b9a4d87b4bb1a4c7c0b2b0a3f1c9"),
    CleanPackageMetadata: fc.constantFrom("yes", "no"),
  },
  { requiredKeys: ["Packages"] },
);

const file = fc.oneof(
  fc.record({ text: fc.constantFrom("1\n", "2\n"), mode: fc.constantFrom(0o644, 0o755, 0o600) }),
  fc.record({ to: fc.constantFrom("one", "/etc/hostname") }),
);
const projects: fc.Arbitrary<Project> = fc.record({
  settings,
  files: fc.dictionary(
    fc.constantFrom(
      "mkosi.extra/etc/one",
      "mkosi.extra/usr/lib/two",
      "mkosi.skeleton/etc/three",
      "mkosi.extra/opt/d/e",
    ),
    file,
    { maxKeys: 3 },
  ),
});

function write(directory: string, project: Project): void {
  const lines = Object.entries(project.settings).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(directory, "mkosi.conf"), FIXED + lines.join(""));
  for (const tree of ["mkosi.extra", "mkosi.skeleton"]) rmSync(join(directory, tree), { recursive: true, force: true });
  for (const [name, entry] of Object.entries(project.files)) {
    const path = join(directory, name);
    mkdirSync(join(path, ".."), { recursive: true });
    if ("to" in entry) symlinkSync(entry.to, path);
    else {
      writeFileSync(path, entry.text);
      chmodSync(path, entry.mode);
    }
  }
}

/** `./x test --all` looks at more of them. */
const RUNS = process.env["MKOSI_TEST_ALL"] === "1" ? 60 : 3;

test.skipIf(process.getuid?.() !== 0)(
  "an incremental build makes what a clean one makes",
  { timeout: 3_600_000 },
  async () => {
    const directory = makeProject({ "mkosi.conf": FIXED, "mkosi.cache": {} });
    await fc.assert(
      fc.asyncProperty(projects, async (project) => {
        write(directory, project);
        await mkosiOk(["-f"], { cwd: directory });
        await mkosiOk(["-f", "--incremental=no", "--output=clean"], { cwd: directory });
        expect(listing(join(directory, "image"))).toBe(listing(join(directory, "clean")));
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  },
);
