// `mkosi latest-snapshot`, and images of the snapshot that it names: by Mirror=, and by the distributions' own addresses.

import { describe, expect, test } from "vitest";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";
import { buildTree, rpmPackages, type Target } from "./build.ts";
import { type MirrorName, mirrorMissing } from "./mirror.ts";
import { withMirror } from "./with-mirror.ts";

const missing = mirrorMissing();

const title = `snapshots${missing === undefined ? "" : `: ${missing}`}`;
describe.skipIf(missing !== undefined)(title, { timeout: 300_000 }, () => {
  const mirror = withMirror();

  const urls = () => mirror.requests().map(({ url }) => url);
  const options = ({ distribution, release }: Target) => [
    `--distribution=${distribution}`,
    ...(release === undefined ? [] : [`--release=${release}`]),
    `--tools-tree=${mirror.toolsTree}`,
  ];

  test.for<[string, Target, string, string, string]>([
    [
      "Fedora rawhide",
      { distribution: "fedora", release: "rawhide" },
      "20250615.n.0",
      "https://kojipkgs.fedoraproject.org/compose/rawhide/latest-Fedora-Rawhide/COMPOSE_ID",
      "/compose/rawhide/Fedora-Rawhide-20250615.n.0/compose/Everything/x86_64/os/repodata/repomd.xml",
    ],
    [
      "CentOS Stream 10",
      { distribution: "centos", release: "10", name: "centos-composes" },
      "20250615.0",
      "https://composes.stream.centos.org/stream-10/production/latest-CentOS-Stream/COMPOSE_ID",
      "/stream-10/production/CentOS-Stream-10-20250615.0/compose/BaseOS/x86_64/os/repodata/repomd.xml",
    ],
    [
      "Tumbleweed",
      { distribution: "opensuse" },
      "20250615",
      "https://download.opensuse.org/history/latest",
      "/history/20250615/tumbleweed/repo/oss/repodata/repomd.xml",
    ],
  ])("of %s", async ([, target, snapshot, address, place]) => {
    const made = { mirror, project: makeProject({ "mkosi.conf": "" }) };
    const cwd = made.project;
    const name = target.name ?? (target.distribution as MirrorName);
    const mirrored = await mkosiOk([...options(target), `--mirror=${mirror.url(name)}`, "latest-snapshot"], { cwd });
    expect(mirrored.stdout).toBe(`${snapshot}\n`);
    const proxied = [`--proxy-url=${mirror.proxy}`];
    const { stdout } = await mkosiOk([...options(target), ...proxied, "latest-snapshot"], { cwd });
    expect(stdout).toBe(`${snapshot}\n`);
    expect(urls()).toContain(address);

    mirror.forget();
    const tree = await buildTree(made, target, [`--snapshot=${stdout.trim()}`, "--package=hello"]);
    expect((await rpmPackages(made, tree)).some((line) => line.startsWith("hello-2"))).toBe(true);
    expect(urls().some((url) => url.endsWith(place))).toBe(true);
    mirror.forget();
    await buildTree(made, target, [...proxied, "--mirror=", `--snapshot=${snapshot}`, "--package=hello"]);
    expect(urls()).toContain(`${new URL(address).origin}${place}`);
  });

  test("a server that names none, and one that is not there, are told with the address", async () => {
    const cwd = makeProject({ "mkosi.conf": "" });
    const args = [...options({ distribution: "opensuse" }), `--mirror=${mirror.url("opensuse")}`, "latest-snapshot"];
    mirror.faults({ match: /history\/latest$/, kind: { text: "<html>" } });
    const other = await mkosi(args, { cwd });
    expect(other.status).toBe(1);
    expect(other.stderr).toMatch(/opensuse\/history\/latest does not say which snapshot is the newest/);
    mirror.faults({ match: /history\/latest$/, kind: { status: 404 } });
    const lost = await mkosi(args, { cwd });
    expect(lost.status).toBe(1);
    expect(lost.stderr).toMatch(/the newest snapshot cannot be asked for: http:\S+history\/latest/);
  });
});
