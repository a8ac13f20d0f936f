import { describe, expect, test } from "vitest";
import { aptSpec } from "../../../src/package-managers/apt/command.ts";
import { aptCache } from "../../../src/package-managers/apt/layout.ts";
import { makeContext } from "../context.ts";

const targets = (spec: ReturnType<typeof aptSpec>) => (spec.mounts ?? []).map(({ target }) => target);
const content = (spec: ReturnType<typeof aptSpec>, path: string) =>
  (spec.mounts ?? []).find(({ target }) => target === path);

describe("an apt run", () => {
  // keyrings are looked for on this machine, so the runs are those of unsigned repositories
  const context = makeContext({ repositoryKeyCheck: false });

  test("sees its own configuration, the cache and the tree, and has no network", () => {
    const spec = aptSpec(context, { argv: ["apt-get", "check"], root: "/ws/root" });
    expect(spec.network).toBe(false);
    expect(spec.base).toEqual({ kind: "tools", toolbox: { kind: "host", searchPaths: [] } });
    expect(content(spec, "/buildroot")).toEqual({
      type: "bind",
      source: "/ws/root",
      target: "/buildroot",
      readOnly: false,
    });
    expect(spec.env).toMatchObject({
      APT_CONFIG: "/etc/apt.conf",
      DEBIAN_FRONTEND: "noninteractive",
      SYSTEMD_IN_CHROOT: "1",
    });
    expect(targets(spec)).not.toContain("/buildroot/proc");
  });

  test("in which scripts run has /proc, /sys, /dev and the image's users", () => {
    const spec = aptSpec(context, { argv: [], root: "/ws/root", scripts: true });
    for (const path of ["dev", "proc", "sys", "run", "tmp", "var/tmp"])
      expect(targets(spec)).toContain(`/buildroot/${path}`);
    expect(content(spec, "/etc/passwd")).toEqual({
      type: "symlink",
      to: "/buildroot/etc/passwd",
      target: "/etc/passwd",
    });
  });

  test("tells scripts what Environment= says, before our own defaults", () => {
    const spec = aptSpec(
      makeContext({ repositoryKeyCheck: false, environment: { KERNEL_INSTALL_BYPASS: "0" }, bootable: "disabled" }),
      { argv: [], root: "/r" },
    );
    expect(spec.env).toMatchObject({ KERNEL_INSTALL_BYPASS: "0" });
    expect(spec.env).not.toHaveProperty("INITRD");
  });

  test("of a local mirror sees its directory", () => {
    const local = makeContext({ localMirror: "file:///srv/repo", repositoryKeyCheck: false });
    expect(content(aptSpec(local, { argv: [], root: "/r" }), "/srv/repo")).toMatchObject({
      type: "bind",
      readOnly: true,
    });
  });
});

describe("the cache", () => {
  test("is another for other repositories, but packages are shared", () => {
    const a = aptCache(makeContext());
    const b = aptCache(makeContext({ mirror: "http://mirror.example" }));
    expect(a.directory).not.toBe(b.directory);
    expect(a.listsLock).not.toBe(b.listsLock);
    expect(a.archives).toBe(b.archives);
    expect(aptCache(makeContext({ withDocs: false })).directory).toBe(a.directory);
  });
});
