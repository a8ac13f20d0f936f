import { expect, test } from "vitest";
import { type ContainerSpec, nspawnCommand } from "../../../src/machines/container/command.ts";

function command(changes: Partial<ContainerSpec> = {}): string[] {
  return nspawnCommand({
    program: "/usr/bin/systemd-nspawn",
    version: 262,
    action: "boot",
    name: "my-name",
    root: { kind: "directory", path: "/run/c/image" },
    network: "user",
    register: false,
    scope: false,
    settings: false,
    credentials: new Map(),
    binds: [],
    user: undefined,
    journal: undefined,
    coreLimit: "0:infinity",
    kernelOptions: [],
    args: [],
    ...changes,
  });
}

test("a container that is booted where systemd does not manage the machine", () => {
  expect(command()).toEqual([
    ...["/usr/bin/systemd-nspawn", "--quiet", "--link-journal=no", "--suppress-sync=yes", "--resolv-conf=auto"],
    ...["--restrict-address-families=~", "--boot", "--machine=my-name", "--register=no", "--keep-unit"],
    "--directory=/run/c/image",
  ]);
});

test("the same of a disk where systemd does, known to systemd-machined", () => {
  const words = command({ scope: true, register: true, root: { kind: "disk", path: "/run/c/image.raw" } });
  expect(words).toContain("--register=yes");
  expect(words).not.toContain("--keep-unit");
  expect(words).toContain("--image=/run/c/image.raw");
});

test("an older systemd-nspawn is not given options that it does not know, a settings file is not overruled", () => {
  const note = "--restrict-address-families=~";
  expect(command({ version: 261 })).not.toContain(note);
  const words = command({ settings: true });
  expect(words).not.toContain(note);
  expect(words).toContain("--settings=trusted");
});

// What stands here was compared with the command lines of the original.
test("as a kernel does, options with a value become variables, and the others arguments after the user's", () => {
  const kernelOptions = ["systemd.wants=network.target", "SYSTEMD_SULOGIN_FORCE=1", "FOO-X=bar=1", "a.b=c d", "quiet"];
  const words = command({ kernelOptions, args: ["--capability=X", "systemd.unit=foo"] });
  expect(words.slice(words.indexOf("--directory=/run/c/image") + 1)).toEqual([
    ...["--setenv=SYSTEMD_SULOGIN_FORCE=1", "--setenv=FOO_X=bar=1"],
    ...["--capability=X", "systemd.unit=foo"],
    ...["systemd.wants=network.target", "a.b=c d", "quiet"],
  ]);
});

test.for([
  { args: [], end: [] },
  { args: ["ls", "-la"], end: ["--", "ls", "-la"] },
  { args: ["--capability=X", "ls", "-la"], end: ["--capability=X", "--", "ls", "-la"] },
  { args: ["--private-users=yes", "--", "--odd"], end: ["--private-users=yes", "--", "--odd"] },
  { args: ["--ephemeral"], end: ["--ephemeral"] },
])("shell $args", ({ args, end }) => {
  const words = command({ action: "shell", args, kernelOptions: ["quiet"] });
  expect(words.slice(words.indexOf("--directory=/run/c/image") + 1)).toEqual(end);
  expect(words).toEqual(expect.arrayContaining(["--rlimit=RLIMIT_CORE=0:infinity", "--console=autopipe"]));
  expect(words).not.toContain("--boot");
});

test.for([
  ["user", ["--resolv-conf=auto"]],
  ["interface", ["--private-network", "--network-veth"]],
  ["none", ["--private-network"]],
] as const)("RuntimeNetwork=%s", ([network, expected]) => {
  expect(command({ network }).filter((word) => /network|resolv/.test(word))).toEqual(expected);
});

test("directories of the host are bound without what is mounted below, their owner is root", () => {
  const words = command({
    binds: [
      { source: "/run/c/0", target: "/work/src", ownerIsRoot: true },
      { source: "/run/c/1", target: "/a:b\\c", ownerIsRoot: false },
    ],
  });
  expect(words).toContain("--bind=/run/c/0:/work/src:norbind,rootidmap");
  expect(words).toContain("--bind=/run/c/1:/a\\:b\\\\c:norbind,noidmap");
});

test("credentials, a user of the host, and where the journal goes", () => {
  const words = command({ credentials: new Map([["a.b", "/run/c/0"]]), user: "me", journal: "/tmp/x.journal" });
  expect(words).toEqual(
    expect.arrayContaining(["--load-credential=a.b:/run/c/0", "--bind-user=me", "--bind-user-group=wheel"]),
  );
  expect(words).toEqual(expect.arrayContaining(["--forward-journal=/tmp/x.journal", "--forward-journal-max-files=1"]));
  expect(command({ journal: "/tmp/dir" })).toContain("--forward-journal-max-files=100");
  expect(command({ action: "shell", journal: "/tmp/dir" }).join()).not.toContain("journal=/tmp");
});
