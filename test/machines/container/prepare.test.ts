// What a configuration becomes, with a toolbox whose systemd-nspawn only tells its version.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { ContainerContext } from "../../../src/machines/container/context.ts";
import { registers } from "../../../src/machines/container/host.ts";
import { prepareContainer } from "../../../src/machines/container/prepare.ts";
import { checkContainerSupported, requireRoot } from "../../../src/machines/container/supported.ts";
import type { Config } from "../../../src/settings/index.ts";
import { makeImage } from "../../support/image.ts";
import { makeRecorder } from "../../support/recorder.ts";

function context(config: Partial<Config>, changes: Partial<ContainerContext> = {}, version = 262): ContainerContext {
  const root = mkdtempSync(join(tmpdir(), "container-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const name of ["tools/usr/bin", "run", "sources", "build"]) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, "tools/usr/bin/systemd-nspawn"), "");
  return {
    action: "boot",
    image: makeImage({ format: "directory", machine: "my_name", timezone: null, ...config }),
    files: { image: join(root, "image") },
    runner: makeRecorder(() => `systemd ${version} (${version}-1)\n`),
    toolbox: { kind: "tree", root: join(root, "tools"), searchPaths: [] },
    directory: join(root, "run"),
    projectDirectory: root,
    args: [],
    environment: {},
    signal: new AbortController().signal,
    ...changes,
  };
}

test("names, credentials and kernel options", async () => {
  const given = context({
    credentials: [{ name: "greeting", value: "hello", path: null }],
    kernelCommandLine: ["rw"],
    kernelCommandLineExtra: ["a.b=c d", "SYSTEMD_SULOGIN_FORCE=0"],
  });
  const { spec } = await prepareContainer(given, false);
  expect(spec).toMatchObject({ name: "my-name", version: 262, program: "/usr/bin/systemd-nspawn", register: false });
  expect(readFileSync(spec.credentials.get("greeting") ?? "", "utf8")).toBe("hello");
  expect([...spec.credentials.keys()]).toEqual(["firstboot.locale", "firstboot.timezone", "greeting"]);
  expect(spec.kernelOptions).toEqual(["rw", "systemd.wants=network.target", "a.b=c d", "SYSTEMD_SULOGIN_FORCE=0"]);
});

test("trees and sources appear in the container's directory first, as /usr may be the toolbox's", async () => {
  const { spec, mounts } = await prepareContainer(
    context({
      runtimeTrees: [{ source: tmpdir(), target: null }],
      runtimeBuildSources: true,
      buildSources: [{ source: "/usr", target: "usr" }],
    }),
    false,
  );
  expect(spec.binds.map(({ target }) => target)).toEqual(["/work/src/usr", "/root/src"]);
  expect(spec.binds[0]?.ownerIsRoot).toBe(false);
  expect(mounts).toContainEqual({ type: "bind", source: "/usr", target: spec.binds[0]?.source, readOnly: false });
});

test("a settings file is put beside the root under the container's name", async () => {
  const { spec, mounts } = await prepareContainer(context({ nspawnSettings: "/etc/hostname" }), false);
  expect(spec.settings).toBe(true);
  expect(mounts).toMatchObject([{ source: "/etc/hostname", readOnly: true }]);
  expect(JSON.stringify(mounts)).toContain("/run/my-name.nspawn");
});

test("the bound user is who calls, also by sudo, and never root", async () => {
  const user = async (environment: ContainerContext["environment"]) =>
    (await prepareContainer(context({ bindUser: true }, { environment }), false)).spec.user;
  expect(await user({ LOGNAME: "root", USER: "root", SUDO_USER: "me" })).toBe("me");
  expect(await user({ LOGNAME: "me", SUDO_USER: "other" })).toBe("me");
  await expect(user({ USER: "root" })).rejects.toThrow("root cannot be bound");
});

test("what the host's systemd-nspawn is too old for", async () => {
  await expect(prepareContainer(context({}, {}, 252), false)).rejects.toThrow("take 254 or newer");
  const journal = { forwardJournal: join(tmpdir(), "x.journal") };
  await expect(prepareContainer(context(journal, {}, 257), false)).rejects.toThrow("cannot forward a journal");
  const shell = await prepareContainer(context(journal, { action: "shell" }, 257), false);
  expect(shell.spec.journal).toBeUndefined();
});

test("what cannot be had is refused", () => {
  expect(() => checkContainerSupported(makeImage({ format: "tar" }))).toThrow("its format is tar");
  expect(() => checkContainerSupported(makeImage({ format: "disk", compressOutput: "zstd" }))).toThrow("compressed");
  expect(() => registers(makeImage({ register: "enabled" }), false)).toThrow("Register=yes needs systemd-machined");
  expect(registers(makeImage({ register: "auto" }), false)).toBe(false);
  expect(registers(makeImage({ register: "disabled" }), true)).toBe(false);
  expect(() => requireRoot("boot", 1000)).toThrow("you are not root");
  expect(() => requireRoot("boot", 0)).not.toThrow();
});
