import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { StepContext } from "../../../src/build/image-build.ts";
import { derivedUses, openDerivedFiles } from "../../../src/build/store/derived-files.ts";
import { inputsOf } from "../../../src/build/store/fingerprints.ts";
import { openLayerDirectory } from "../../../src/build/store/layer-directory.ts";
import { openTraces } from "../../../src/build/store/traces.ts";
import { makeImage } from "../../support/image.ts";
import { makeDirectory } from "../../support/tree.ts";

test("a file is made once from the same things, and what was read for it counts as read each time", async () => {
  const place = makeDirectory();
  const output = join(place, "output");
  let made = 0;
  const provide = async (from: string, hostname: string, fresh = false) => {
    const report = { output: () => {} };
    const context = {
      image: makeImage({ hostname }),
      packageManager: {},
      notes: place,
      report,
    } as unknown as StepContext;
    const inputs = inputsOf(context, { outputKey: () => undefined });
    await using directory = await openLayerDirectory(join(place, "layers"), async () => []);
    const derived = openDerivedFiles(directory, openTraces(join(place, "traces")), { fresh, project: "/project" });
    const file = {
      what: "A file",
      from: () => from,
      output,
      async make(own: Pick<StepContext, "image">) {
        made++;
        writeFileSync(output, `${from} ${own.image.config.hostname}`);
      },
    };
    const names = await derived.provide(file, context, inputs);
    return { names, text: readFileSync(output, "utf8"), made };
  };
  const names = ["setting hostname"];
  expect(await provide("a", "x")).toEqual({ names, text: "a x", made: 1 });
  writeFileSync(output, "something else");
  expect(await provide("a", "x")).toEqual({ names, text: "a x", made: 1 });
  expect(await provide("b", "x")).toEqual({ names, text: "b x", made: 2 });
  expect(await provide("a", "y")).toEqual({ names, text: "a y", made: 3 });
  expect(await provide("a", "x")).toEqual({ names, text: "a x", made: 3 });
  expect(await provide("a", "x", true)).toEqual({ names, text: "a x", made: 4 });
  // each time it is noted for `mkosi why`
  const uses = await derivedUses(place);
  expect(uses).toHaveLength(6);
  expect(uses[3]).toEqual({ what: "A file", file: "output", reads: { "setting hostname": '["\\"y\\""]' } });
});
