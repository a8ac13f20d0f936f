// Debian's releases from Debian's own mirror, each at least as a directory. All but one only with `./x test --all`.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";

const all = process.env["MKOSI_TEST_ALL"] === "1";

test.for([
  ["bookworm", "bookworm"],
  ["trixie", "trixie"],
  ["forky", "forky"],
  ["sid", "sid"],
] as const)("Debian %s", async ([release, codename], { skip }) => {
  if (!all && release !== "sid") skip("only with --all");
  const cwd = makeProject({
    "mkosi.conf": `[Distribution]\nDistribution=debian\nRelease=${release}\n[Output]\nFormat=directory\nManifestFormat=json\n[Content]\nPackages=apt systemd\nBootable=no\n`,
  });
  await mkosiOk(["build"], { cwd });
  const osRelease = readFileSync(join(cwd, "image/etc/os-release"), "utf8");
  expect(osRelease).toMatch(new RegExp(`^VERSION_CODENAME=${codename}$`, "m"));
  expect(existsSync(join(cwd, "image/usr/lib/systemd/systemd"))).toBe(true);
  expect(readFileSync(join(cwd, `image/etc/apt/sources.list.d/${release}.sources`), "utf8")).toContain(
    `Suites: ${release}\n`,
  );
  const { packages } = JSON.parse(readFileSync(join(cwd, "image.manifest"), "utf8")) as {
    packages: { name: string; type: string }[];
  };
  expect(packages).toContainEqual(expect.objectContaining({ name: "systemd", type: "deb" }));
});
