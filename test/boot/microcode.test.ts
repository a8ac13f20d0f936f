import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hostCpu, microcodeNames } from "../../src/boot/cpu.ts";
import { buildMicrocodeInitrd, placeMicrocode } from "../../src/boot/microcode.ts";
import { installKernels } from "../../src/boot/uki.ts";
import { makePe } from "../formats/make-pe.ts";
import { makeContext, writeTree } from "../support/tree.ts";

const F = "usr/lib/firmware";
const microcode = {
  [`${F}/amd-ucode/b.bin`]: "B",
  [`${F}/amd-ucode/a.bin`]: "A",
  [`${F}/amd-ucode/a.bin.asc`]: "signature",
  [`${F}/amd-ucode/README`]: "text",
  [`${F}/intel-ucode/06-55-04`]: "I",
  [`${F}/intel-ucode-with-caveats/06-4f-01`]: "careful",
};

test("joins the microcode of each vendor, sorted, and nothing else that lies there", async () => {
  const context = await makeContext({}, microcode);
  expect(await buildMicrocodeInitrd(context)).toBe(join(context.scratch, "microcode.initrd"));
  const directory = join(context.scratch, "microcode/kernel/x86/microcode");
  expect(await readFile(join(directory, "AuthenticAMD.bin"), "utf8")).toBe("AB");
  expect(await readFile(join(directory, "GenuineIntel.bin"), "utf8")).toBe("I");
  // The kernel reads it without unpacking it.
  expect(context.runner.commands()[0]).not.toMatch(/zstd|"\$@"/);
  expect(context.runner.specs[0]?.mounts).toContainEqual({
    type: "bind",
    source: join(context.scratch, "microcode"),
    target: "/buildroot",
    readOnly: true,
  });
});

test.skipIf(hostCpu() === undefined)("MicrocodeHost= leaves that of this machine's CPU", async () => {
  const cpu = hostCpu();
  const [name = ""] = cpu === undefined ? [] : microcodeNames(cpu);
  const directory = cpu?.vendor === "AuthenticAMD" ? "amd-ucode" : "intel-ucode";
  const context = await makeContext({ microcodeHost: true }, { ...microcode, [`${F}/${directory}/${name}`]: "OWN" });
  expect(await buildMicrocodeInitrd(context)).toBeDefined();
  const made = join(context.scratch, "microcode/kernel/x86/microcode");
  expect(await readdir(made)).toEqual([`${cpu?.vendor}.bin`]);
  expect(await readFile(join(made, `${cpu?.vendor}.bin`), "utf8")).toBe("OWN");
  const without = await makeContext({ microcodeHost: true }, { [`${F}/intel-ucode/ff-ff-ff`]: "I" });
  expect(await buildMicrocodeInitrd(without)).toBeUndefined();
  expect(without.notes.join("")).toContain("no microcode for this machine's CPU");
});

test("makes none without microcode, or for other CPUs", async () => {
  for (const context of [await makeContext(), await makeContext({ architecture: "arm64" }, microcode)]) {
    expect(await buildMicrocodeInitrd(context)).toBeUndefined();
    expect(context.runner.commands()).toEqual([]);
  }
});

const STUB = "usr/lib/systemd/boot/efi/linuxx64.efi.stub";
const stub = (version: string) => makePe({ ".sdmagic": `#### LoaderInfo: systemd-stub ${version} ####` });

test.each([
  ["257.13-1~deb13u1", "ukify 262 (262-1)\n", true],
  ["257.13-1~deb13u1", "ukify 255 (255)\n", false],
  ["254.5", "ukify 262 (262-1)\n", false],
])("stub %s and %j have a section for it: %s", async (version, ukify, expected) => {
  const context = await makeContext({}, { [STUB]: stub(version) }, () => ukify);
  const given = { microcode: ["/microcode"], initrds: ["/initrd"] };
  expect(await placeMicrocode(context, join(context.root, STUB), given)).toEqual(
    expected ? { microcode: "/microcode", initrds: ["/initrd"] } : { initrds: ["/microcode", "/initrd"] },
  );
});

test.each([
  ["257", /--microcode \/input\/3-microcode.initrd --initrd \/input\/4-initrd /],
  ["252", /--initrd \/input\/3-microcode.initrd --initrd \/input\/4-initrd /],
])("a kernel with stub %s gets it before its initrd", async (version, expected) => {
  const kernel = { "usr/lib/os-release": "ID=debian\n", "usr/lib/modules/6.12/vmlinuz": makePe({ ".text": "k" }) };
  const context = await makeContext(
    { kernelModulesInitrd: false },
    { ...microcode, ...kernel, [STUB]: stub(version) },
    () => "ukify 262\n",
  );
  await installKernels(context, { initrds: ["/initrd"] });
  expect(context.runner.commands().at(-1)).toMatch(expected);
});

test("what scripts have made takes the place of the tree's, and is joined where there is one section", async () => {
  const kernel = { "usr/lib/os-release": "ID=debian\n", "usr/lib/modules/6.12/vmlinuz": makePe({ ".text": "k" }) };
  const context = await makeContext(
    { kernelModulesInitrd: false },
    { ...microcode, ...kernel, [STUB]: stub("257") },
    () => "ukify 262\n",
  );
  await writeTree(context.scratch, { "given/a": "first", "given/b": "second" });
  const given = ["a", "b"].map((name) => join(context.scratch, "given", name));
  await installKernels(context, { initrds: ["/initrd"], microcode: given });
  expect(context.runner.commands().at(-1)).toMatch(
    /--microcode \/input\/3-microcode-of-scripts.initrd --initrd \/input\/4-initrd /,
  );
  expect(await readFile(join(context.scratch, "microcode-of-scripts.initrd"), "utf8")).toBe("first\0\0\0second\0\0");
});
