// ProxyUrl= and its friends: the real package managers by a proxy that is spoken to over TLS, with authorities and
// certificates of its own.

import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { mkosi } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";
import { build, buildTree, rpmPackages, type Target } from "./build.ts";
import { mirrorMissing } from "./mirror.ts";
import { makeProxyCertificates, type ProxyCertificates, plainProxy, secureProxy } from "./proxy.ts";
import { withMirror } from "./with-mirror.ts";

const missing = mirrorMissing();
const HELLO = ["--package=hello"];
const FEDORA: Target = { distribution: "fedora", release: "43" };

const title = `proxies${missing === undefined ? "" : `: ${missing}`}`;
describe.skipIf(missing !== undefined)(title, { timeout: 300_000 }, () => {
  const mirror = withMirror();

  async function work() {
    const project = makeProject({ "mkosi.conf": "" });
    const certificates = await makeProxyCertificates(mirror.tools, join(project, "certificates"));
    return { made: { mirror, project }, certificates };
  }

  async function proxy(certificates: ProxyCertificates, behind: string, asks: boolean) {
    const made = await secureProxy(certificates, behind, asks);
    onTestFinished(() => made[Symbol.asyncDispose]());
    return made;
  }

  const withClient = ({ authority, certificate, key }: ProxyCertificates) => [
    `--proxy-peer-certificate=${authority}`,
    `--proxy-client-certificate=${certificate}`,
    `--proxy-client-key=${key}`,
  ];

  test("dnf shows its certificate to a proxy that it knows by its authority", async () => {
    const { made, certificates } = await work();
    const { url, clients } = await proxy(certificates, mirror.proxy, true);
    // the real addresses, so that nothing goes around the proxy
    const options = ["--mirror=", `--proxy-url=${url}`, ...HELLO];
    const tree = await buildTree(made, FEDORA, [...options, ...withClient(certificates)]);
    expect((await rpmPackages(made, tree)).some((name) => name.startsWith("hello-2"))).toBe(true);
    expect(new Set(clients)).toEqual(new Set(["client"]));
    // the key may be in the certificate's file
    const both = [
      `--proxy-peer-certificate=${certificates.authority}`,
      `--proxy-client-certificate=${certificates.both}`,
    ];
    await buildTree(made, FEDORA, [...options, ...both, `--package-cache-directory=${made.project}/other`]);
  });

  test("dnf trusts no proxy of an unknown authority, and a proxy no client without a certificate", async () => {
    const { made, certificates } = await work();
    const { url } = await proxy(certificates, mirror.proxy, true);
    const options = ["--mirror=", `--proxy-url=${url}`, ...HELLO];
    const unknown = await build(made, FEDORA, options);
    expect(unknown.status).toBe(1);
    expect(unknown.stderr).toMatch(/the repository \S+ cannot be had from .*certificate/);
    const nameless = await build(made, FEDORA, [...options, `--proxy-peer-certificate=${certificates.authority}`]);
    expect(nameless.status).toBe(1);
    expect(nameless.stderr).toMatch(/the repository \S+ cannot be had from/);
    expect(mirror.requests()).toEqual([]);
  });

  test("hosts of ProxyExclude= are asked directly", async () => {
    const { made, certificates } = await work();
    const { url, clients } = await proxy(certificates, mirror.proxy, false);
    const options = [`--proxy-url=${url}`, `--proxy-peer-certificate=${certificates.authority}`, ...HELLO];
    await buildTree(made, FEDORA, [...options, "--proxy-exclude=127.0.0.1"]);
    expect(clients).toEqual([]);
    await buildTree(made, FEDORA, [...options, "--proxy-exclude=", `--package-cache-directory=${made.project}/other`]);
    expect(clients.length).toBeGreaterThan(0);
  });

  test.for<Target>([{ distribution: "opensuse" }, { distribution: "arch" }])(
    "$distribution: the proxy's authority counts beside those of mirrors",
    async (target) => {
      const { made, certificates } = await work();
      const { url, clients } = await proxy(certificates, mirror.proxy, false);
      const options = ["--mirror=", `--proxy-url=${url}`, ...HELLO];
      const unknown = await build(made, target, options);
      expect(unknown.status).toBe(1);
      await buildTree(made, target, [...options, `--proxy-peer-certificate=${certificates.authority}`]);
      expect(clients.length).toBeGreaterThan(0);
      const refused = await build(made, target, [...options, ...withClient(certificates)]);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(/ProxyClientCertificate=: (?:zypper|pacman) cannot show a proxy a certificate/);
    },
  );

  test("apt asks Debian's mirror by such a proxy", async () => {
    const { made, certificates } = await work();
    await using plain = await plainProxy();
    const { url, clients } = await proxy(certificates, plain.url, true);
    const options = [
      "--distribution=debian",
      "--release=trixie",
      "--format=directory",
      `--proxy-url=${url}`,
      `--tools-tree=${mirror.toolsTree}`,
    ];
    const run = async (more: readonly string[]) =>
      await mkosi([...options, ...more, "-f", "build"], {
        cwd: made.project,
      });
    const unknown = await run([]);
    expect(unknown.status).toBe(1);
    expect(unknown.stderr).toMatch(/certificate/);
    expect(plain.asked).toEqual([]);
    const known = await run(withClient(certificates));
    expect([known.status, known.stderr]).toEqual([0, expect.anything()]);
    expect(new Set(clients)).toEqual(new Set(["client"]));
    expect(plain.asked.some((address) => address.endsWith("InRelease"))).toBe(true);
  });
});
