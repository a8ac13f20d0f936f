import { expect, test } from "vitest";
import { PARTITION_TYPES } from "../../src/facts/partition-types.ts";
import type { Gpt } from "../../src/formats/gpt.ts";
import { extraCommandLine, rootOption } from "../../src/machines/kernel-command-line.ts";

const terminal = { columns: 120, rows: 40, term: "xterm-256color" };
const base = { architecture: "x86-64", console: "native", kernelCommandLineExtra: [] } as const;

test("the console is the virtio one, with the terminal's size and kind", () => {
  const options = extraCommandLine(base, terminal);
  expect(options).toContain("console=hvc0");
  expect(options).toContain("TERM=xterm-256color");
  expect(options).toContain("systemd.tty.columns.console=120");
  expect(options).toContain("systemd.tty.rows.hvc0=40");
});

test("without a console there is none on the command line", () => {
  expect(
    extraCommandLine({ ...base, console: "headless" }, terminal).filter((option) => option.startsWith("console=")),
  ).toEqual([]);
  expect(extraCommandLine({ ...base, console: "gui", architecture: "arm64" }, terminal)).toContain("console=tty0");
});

test("what the user says takes the place of our defaults and comes last, quoted for the kernel", () => {
  const options = extraCommandLine(
    { ...base, kernelCommandLineExtra: ["loglevel=7", "ip=dhcp", "SYSTEMD_SULOGIN_FORCE=0", "a=b c", "quiet"] },
    terminal,
  );
  expect(options.filter((option) => option.startsWith("loglevel="))).toEqual(["loglevel=7"]);
  expect(options.filter((option) => option.startsWith("ip="))).toEqual(["ip=dhcp"]);
  expect(options.filter((option) => option.startsWith("SYSTEMD_SULOGIN_FORCE="))).toEqual(["SYSTEMD_SULOGIN_FORCE=0"]);
  expect(options.slice(-2)).toEqual(['a="b c"', "quiet"]);
});

const types = PARTITION_TYPES["x86-64"];
const A = "11111111-2222-3333-4444-555555555555";
const B = "66666666-7777-8888-9999-aaaaaaaaaaaa";

function disk(...partitions: [string, string][]): Gpt {
  return {
    uuid: A,
    sectorSize: 512,
    partitions: partitions.map(([type, uuid], index) => ({
      type,
      uuid,
      label: "",
      number: index + 1,
      offset: 0,
      size: 512,
    })),
  };
}

test("the root is found in the partition table, with verity by its hash", () => {
  if (types === undefined) throw new Error("no types");
  expect(rootOption(disk([types.root, A]), "x86-64")).toBe(`root=PARTUUID=${A}`);
  expect(rootOption(disk([types.usr, B]), "x86-64")).toBe(`mount.usr=PARTUUID=${B}`);
  expect(rootOption(disk([types.root, A], [types.rootVerity, B]), "x86-64")).toBe(
    "roothash=1111111122223333444455555555555566666666777788889999aaaaaaaaaaaa",
  );
  expect(rootOption(disk([types.root, A], [types.usr, A], [types.usrVerity, B]), "x86-64")).toMatch(/^usrhash=/);
  expect(rootOption(disk([types.root, A]), "arm64")).toBeUndefined();
});
