import { expect, test } from "vitest";
import { runRepart } from "../../src/tools/repart.ts";
import { makeContext } from "../support/tree.ts";

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
