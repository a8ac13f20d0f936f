import { join } from "node:path";
import { expect, test } from "vitest";
import { packDisk } from "../../src/outputs/disk.ts";
import { checkFormat } from "../../src/outputs/index.ts";
import { bootsWithVerity } from "../../src/outputs/verity.ts";
import type { Config } from "../../src/settings/index.ts";
import { makeImage } from "../support/image.ts";
import { makeContext, makeDirectory, writeTree } from "../support/tree.ts";

const KEYS: Partial<Config> = { verityKey: "/v.key", verityCertificate: "/v.crt" };

/** The smallest project with verity. */
async function definitions(signature = "30-sig.conf.d/verity.conf"): Promise<Partial<Config>> {
  const directory = makeDirectory();
  await writeTree(directory, {
    "10-root.conf": "[Partition]\nType=root\nVerity=data\n",
    "20-verity.conf": "[Partition]\nVerity = hash\n",
    "30-sig.conf": "[Partition]\nType=root-verity-sig\n",
    ...(signature === "" ? {} : { [signature]: "[Partition]\nVerity=signature\n" }),
  });
  return { format: "disk", repartDirectories: [directory] };
}

test("what definitions say of verity is found, in drop-ins, too", async () => {
  const config = await definitions();
  expect(bootsWithVerity(makeImage(config).config)).toBe(true);
  expect(bootsWithVerity(makeImage({ ...config, format: "tar" }).config)).toBe(false);
  const directory = makeDirectory();
  await writeTree(directory, { "10-root.conf": "[Partition]\nType=root\nVerity=off\n" });
  expect(bootsWithVerity(makeImage({ format: "disk", repartDirectories: [directory] }).config)).toBe(false);
});

test("a signature that nobody can make stops the build at its beginning, and so does one that is nowhere", async () => {
  const signed = await definitions();
  const check = (config: Partial<Config>) => () => checkFormat(makeImage(config));
  expect(check(signed)).toThrow(/verity\.conf asks for a verity signature, but nothing is there to sign it with/);
  expect(check({ ...signed, ...KEYS, verity: "disabled" })).toThrow(/nothing is there to sign it with/);
  for (const verity of ["auto", "signed"] as const) check({ ...signed, ...KEYS, verity })();
  for (const verity of ["hash", "defer"] as const) check({ ...signed, verity })();
  const unsigned = await definitions("");
  check(unsigned)();
  expect(check({ ...unsigned, ...KEYS, verity: "signed" })).toThrow(/no partition is one for a verity signature/);
});

test("kernels come between the file systems and the ESP, with the root hash", async () => {
  const partition = (type: string, more: object) => ({
    type,
    label: type,
    uuid: type,
    offset: 1,
    raw_size: 2,
    ...more,
  });
  const context = await makeContext({ ...(await definitions()), ...KEYS, splitArtifacts: ["roothash"] }, {}, (argv) => {
    if (argv[1] === "--version") return "systemd 262 (262-1)\n";
    const hash = argv.includes("--empty=create") ? { roothash: "abc" } : {};
    return JSON.stringify([
      partition("esp", {}),
      partition("root-x86-64", {}),
      partition("root-x86-64-verity", hash),
      partition("root-x86-64-verity-sig", {}),
    ]);
  });
  const seen: unknown[] = [];
  const disk = await packDisk(context, "image.raw", async (partitions) => {
    seen.push(...partitions.flatMap(({ roothash }) => roothash ?? []), context.runner.commands().length);
  });
  const [, first = "", second = ""] = context.runner.commands();
  expect(seen).toEqual(["abc", 2]);
  expect(first).toMatch(/--empty=create .*--defer-partitions=esp,xbootldr .*--private-key=\/signing\/verity\.key/);
  expect(second).toMatch(/--empty=allow .*--private-key/);
  expect(second).not.toContain("--defer-partitions");
  expect(disk.rootHash).toBe(join(context.staging, `${context.image.config.output}.roothash`));
});
