import { chownSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ImageBuild, StepContext } from "../../../src/build/image-build.ts";
import { inputsOf } from "../../../src/build/store/fingerprints.ts";
import { readsOf, watched } from "../../../src/build/store/reads.ts";
import { makeImage } from "../../support/image.ts";
import { makeDirectory } from "../../support/tree.ts";

function build(config: Parameters<typeof makeImage>[0]): ImageBuild {
  const packageManager = { name: "apt", state: async () => "state", install: async () => {} };
  return {
    image: makeImage(config),
    packageManager,
    runner: { run: async () => ({ stdout: "" }) },
    packages: [{ spec: "less", setting: "Packages", origin: { kind: "file", path: "mkosi.conf", line: 1, column: 1 } }],
    toolbox: { kind: "host", searchPaths: [] },
    outputOf: async () => undefined,
    outputsInSources: new Map(),
  } as unknown as ImageBuild;
}

const context = (from: ImageBuild) => ({ ...from, root: "/root", notes: "/notes" }) as unknown as StepContext;

test("what a step reads is noted, and nothing else", async () => {
  const watch = watched(context(build({ hostname: "a", workspaceDirectory: "/w" })), undefined);
  expect([...watch.names]).toEqual([]);
  expect(watch.context.image.config.hostname).toBe("a");
  expect(watch.context.image.config.workspaceDirectory).toBe("/w"); // where it is built is no part of the result
  expect(watch.context.root).toBe("/root");
  expect([...watch.names]).toEqual(["setting hostname"]);
  await watch.context.packageManager.install(watch.context, "/root", watch.context.packages);
  await watch.context.outputOf("initrd");
  expect([...watch.names]).toEqual(["setting hostname", "packages", "build packages", "image initrd"]);
});

test("fingerprints change with what they are of", async () => {
  const tree = makeDirectory();
  mkdirSync(join(tree, "etc"));
  writeFileSync(join(tree, "etc/one"), "1");
  const looked = async (name: string, config: Parameters<typeof makeImage>[0]) =>
    await inputsOf(build(config), { outputKey: () => undefined }).fingerprint(name);
  const extra = { extraTrees: [{ source: tree, target: null }] };
  const before = await looked("setting extraTrees", extra);
  expect(await looked("setting extraTrees", extra)).toBe(before);
  writeFileSync(join(tree, "etc/one"), "2");
  expect(await looked("setting extraTrees", extra)).not.toBe(before);

  expect(await looked("setting hostname", { hostname: "a" })).not.toBe(await looked("setting hostname", {}));
  expect(await looked("setting rootPassword", { rootPassword: { password: "secret", hashed: false } })).not.toContain(
    "secret",
  );
  // where a package was asked for is no part of what is installed
  expect(await looked("build packages", {})).toBe('["less"]');
  expect(await looked("packages", {})).toBe("state");
  // an output that is not there yet cannot be told
  expect(await looked("image initrd", {})).toBeUndefined();
});

test.skipIf(process.getuid?.() !== 0)("scripts see whose the sources are", async () => {
  const tree = makeDirectory();
  writeFileSync(join(tree, "one"), "1");
  const looked = () =>
    inputsOf(build({ buildSources: [{ source: tree, target: null }], extraTrees: [{ source: tree, target: null }] }), {
      outputKey: () => undefined,
    });
  const before = looked();
  const [sources, extra] = [
    await before.fingerprint("setting buildSources"),
    await before.fingerprint("setting extraTrees"),
  ];
  chownSync(join(tree, "one"), 1000, 1000);
  const after = looked();
  expect(await after.fingerprint("setting buildSources")).not.toBe(sources);
  // copies belong to root
  expect(await after.fingerprint("setting extraTrees")).toBe(extra);
  // checkouts change times
  const again = await after.fingerprint("setting buildSources");
  utimesSync(join(tree, "one"), 1, 1);
  expect(await looked().fingerprint("setting buildSources")).toBe(again);
});

test("reads are the fingerprints of all names, in order", async () => {
  const from = build({ hostname: "a" });
  const inputs = inputsOf(from, { outputKey: () => undefined });
  const watch = watched(context(from), { inputs, derived: undefined });
  expect(watch.context.image.config.hostname).toBe("a");
  expect(watch.context.packages).toHaveLength(1);
  const { reads, changed } = await readsOf(watch, inputs);
  expect(Object.keys(reads)).toEqual(["build packages", "setting hostname"]);
  expect(changed).toEqual([]);
});

test("what changes after a step got it is told, with the fingerprint from before", async () => {
  const tree = makeDirectory();
  writeFileSync(join(tree, "one"), "1");
  const from = build({ extraTrees: [{ source: tree, target: null }], hostname: "a" });
  const inputs = inputsOf(from, { outputKey: () => undefined });
  const watch = watched(context(from), { inputs, derived: undefined });
  expect(watch.context.image.config.extraTrees).toHaveLength(1);
  expect(watch.context.image.config.hostname).toBe("a");
  const before = await inputs.fingerprint("setting extraTrees");
  writeFileSync(join(tree, "one"), "2");
  const { reads, changed } = await readsOf(watch, inputs);
  expect(changed).toEqual(["setting extraTrees"]);
  expect(reads["setting extraTrees"]).toBe(before);
});

test("a file whose name nobody can read is never taken to be as it was", async () => {
  const tree = makeDirectory();
  writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff])]), "1");
  const inputs = inputsOf(build({ extraTrees: [{ source: tree, target: null }] }), { outputKey: () => undefined });
  expect(await inputs.look("setting extraTrees")).not.toBe(await inputs.look("setting extraTrees"));
});
