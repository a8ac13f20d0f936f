// The texts are dnf's and zypper's own, captured from real runs in test/distros/.

import { expect, test } from "vitest";
import { fedora } from "../../../src/distributions/fedora.ts";
import { explainFailure } from "../../../src/package-managers/rpm/failures.ts";
import { CommandFailure } from "../../../src/sandbox/spawn.ts";
import type { Config } from "../../../src/settings/index.ts";
import { makeImage } from "../../support/image.ts";
import { makeContext } from "../context.ts";

function explain(output: string, overrides: Partial<Config> = {}, spec = "") {
  const settings: Partial<Config> = { distribution: "fedora", release: "43", ...overrides };
  const context = makeContext(settings, { repositories: fedora.repositories(makeImage(settings).config) });
  const requests = spec === "" ? [] : [{ spec, setting: "Packages", origin: undefined }];
  return explainFailure(new CommandFailure(["dnf5"], 1, output), context, requests, ["less", "lesspipe"]);
}

test("a repository's name does not go over the end of a line", () => {
  const failure = explain(
    "File 'repomd.xml' from repository 'oss-update' is signed with an unknown key '1234'.\nRepository 'oss-update' is invalid.\n[oss-update|http://m/update/tumbleweed] Failed to retrieve new repository metadata.\n- Signature verification failed for repomd.xml\n",
  );
  expect(failure.message).toBe("the signature of the metadata of the repository oss-update cannot be verified");
});

test("a missing signature is not a matter of keys", () => {
  const failure = explain(
    'OpenPGP check for package "hello-2.10-5.x86_64" (/x/hello.rpm) from repo "fedora" has failed: The package is not signed.\n',
  );
  expect(failure.message).toBe("the package hello-2.10-5.x86_64 of the repository fedora is not signed");
  expect(failure.details.remedy).not.toContain("distribution-gpg-keys");
});

test("CacheOnly=always is the reason why a package that is not there is not fetched", () => {
  const failure = explain("Cannot download hello-2.10-5.x86_64.rpm: all mirrors were tried\n", { cacheOnly: "always" });
  expect(failure.message).toBe(
    "the package hello-2.10-5.x86_64.rpm is not in the package cache /var/cache/mkosi, and CacheOnly=always forbids to download",
  );
});

test.for(["less-99", "less=99", "less>=99"])("a version that a package does not have: %s", (spec) => {
  const failure = explain(
    spec.includes("=") ? `No provider of '${spec}' found.\n` : `No match for argument: ${spec}\n`,
    {},
    spec,
  );
  expect(failure.message).toBe(
    `the package less has no version that "${spec}" allows in fedora 43 (fedora, updates), asked for by Packages=`,
  );
  expect(failure.details.remedy).toBe("correct the version");
});
