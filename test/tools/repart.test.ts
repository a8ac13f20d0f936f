import { join } from "node:path";
import { expect, test } from "vitest";
import { Failure } from "../../src/report/failure.ts";
import { CommandFailure } from "../../src/sandbox/spawn.ts";
import { runRepart } from "../../src/tools/repart.ts";
import { explainRepart, warnOfIgnored } from "../../src/tools/repart-messages.ts";
import { makeContext, makeDirectory, writeTree } from "../support/tree.ts";

const reported = [
  {
    type: "esp",
    label: "esp",
    uuid: "u1",
    partno: 0,
    offset: 1048576,
    raw_size: 512,
    activity: "create",
    split_path: "-",
  },
  {
    type: "root-x86-64",
    label: "r",
    uuid: "u2",
    partno: 1,
    offset: 2097152,
    raw_size: 1024,
    roothash: "TBD",
    split_path: "/work/image.root-x86-64.raw",
  },
];

function answer(version: number) {
  return (argv: readonly string[]) =>
    argv[1] === "--version" ? `systemd ${version} (${version}-1)\n` : JSON.stringify(reported);
}

test("makes a disk from definitions, with what this version of systemd knows", async () => {
  const config = { seed: "0e6b3ba1-0dc4-4f0f-9c4f-c1ad9e0f1a9b", sectorSize: 4096, elToritoVolume: "BOX" } as const;
  const context = await makeContext(config, {}, answer(262));
  const partitions = await runRepart(context, {
    image: "/staging/image.raw",
    mode: "create",
    definitions: ["/a", "/b"],
    defer: ["esp", "xbootldr"],
    split: true,
    elTorito: true,
  });
  expect(context.runner.commands()[1]).toBe(
    "systemd-repart --offline=yes --empty=create --size=auto --dry-run=no --json=pretty --no-pager --root=/buildroot " +
      "--seed=0e6b3ba1-0dc4-4f0f-9c4f-c1ad9e0f1a9b --architecture=x86-64 --sector-size=4096 --defer-partitions=esp,xbootldr --split=yes " +
      "--generate-fstab=/etc/fstab --generate-crypttab=/etc/crypttab --append-fstab=auto --el-torito=yes --el-torito-volume=BOX " +
      "--definitions=/definitions/0 --definitions=/definitions/1 /work/image.raw",
  );
  expect(context.runner.specs[1]).toMatchObject({ env: { TMPDIR: "/var/tmp" }, output: "capture" });
  expect(context.runner.specs[1]?.mounts).toEqual([
    { type: "bind", source: context.root, target: "/buildroot", readOnly: false },
    { type: "bind", source: "/staging", target: "/work", readOnly: false },
    { type: "bind", source: "/a", target: "/definitions/0", readOnly: true },
    { type: "bind", source: "/b", target: "/definitions/1", readOnly: true },
    { type: "bind", source: context.scratch, target: "/var/tmp", readOnly: false },
  ]);
  expect(partitions).toEqual([
    { type: "esp", label: "esp", uuid: "u1", offset: 1048576, size: 512 },
    {
      type: "root-x86-64",
      label: "r",
      uuid: "u2",
      offset: 2097152,
      size: 1024,
      splitPath: "/staging/image.root-x86-64.raw",
    },
  ]);
});

test("does without what an older systemd lacks", async () => {
  const context = await makeContext({}, {}, answer(254));
  await runRepart(context, { image: "/staging/image.raw", mode: "create", definitions: ["/a"], elTorito: true });
  expect(context.runner.commands()[1]).not.toMatch(/fstab|torito/);
});

test("plans without changing anything", async () => {
  const context = await makeContext({}, {}, answer(262));
  await runRepart(context, { image: "/scratch/disk.raw", mode: "plan", definitions: ["/a"] });
  expect(context.runner.commands()[1]).toContain("--empty=create --size=auto --dry-run=yes");
  expect(context.runner.commands()[1]).not.toContain("fstab");
});

test("needs systemd-repart", async () => {
  const context = await makeContext({}, {}, undefined, []);
  await expect(runRepart(context, { image: "/i", mode: "create", definitions: [] })).rejects.toThrow(
    "systemd-repart is not in the tools tree",
  );
});

/** What it printed, and which line of which definition is named for it. */
test.each([
  [
    "/definitions/1/20-b.conf:1: Type= not defined, refusing.",
    "b/20-b.conf:1",
    "20-b.conf: Type= not defined, refusing.",
  ],
  [
    "/definitions/0/10-a.conf:2: Failed to parse type: x\n/definitions/0/10-a.conf:2: Failed to parse file: Invalid argument",
    "a/10-a.conf:2",
    "10-a.conf: Failed to parse type: x",
  ],
  ["Applying changes.\nmkfs binary for ext5 not available.", "b/20-b.conf:2", "20-b.conf"],
  [
    "Formatting future partition 1.\nFailed to open source file '/buildroot/srv/x': No such file",
    "b/20-b.conf:3",
    "20-b.conf",
  ],
  ["Formatting future partition 0.\nIt failed.", "a/10-a.conf:1", "10-a.conf"],
  ["Formatting future partition 0.\nNo /srv/xy, no x86", "a/10-a.conf:1", "10-a.conf"],
  ["It failed.", undefined, "partitions"],
])("names the definition that it complains of: %s", async (output, place, words) => {
  const context = await makeContext();
  const directory = makeDirectory();
  await writeTree(directory, {
    "a/10-a.conf": "[Partition]\nType=esp\nFormat=vfat\nSizeMinBytes=1G\n",
    "b/20-b.conf": "[Partition]\nFormat=ext5\nCopyFiles=/srv/x:/\n",
  });
  const directories = ["a", "b"].map((name) => join(directory, name));
  const failure = explainRepart(context, new CommandFailure(["systemd-repart"], 1, output), directories);
  expect(failure.message).toMatch(new RegExp(`systemd-repart cannot make the (?:partition of )?${words}$`));
  const { origin } = failure.details;
  if (place === undefined) expect(origin).toBeUndefined();
  else
    expect(origin).toMatchObject({
      path: join(directory, place.split(":")[0] ?? ""),
      line: Number(place.split(":")[1]),
    });
});

test("a full disk is nothing that a definition is blamed for", async () => {
  const full = new CommandFailure(["systemd-repart"], 1, "/definitions/0/x.conf:1: No space left on device");
  expect(explainRepart(await makeContext(), full, ["/d"])).toBe(full);
  expect(full).toBeInstanceOf(Failure);
});

test("warns once of each line that it passes over", async () => {
  const context = await makeContext();
  const line = "/definitions/0/10-a.conf:3: Unknown key 'Foo' in section [Partition], ignoring.";
  warnOfIgnored(context, `${line}\nSized it.\n${line}\n`, ["/project/mkosi.repart"]);
  expect(context.notes).toEqual([
    "warning: image main: /project/mkosi.repart/10-a.conf:3: Unknown key 'Foo' in section [Partition], ignoring.",
  ]);
});
