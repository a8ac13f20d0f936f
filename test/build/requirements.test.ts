import { expect, test } from "vitest";
import { missingTools } from "../../src/build/requirements.ts";
import type { Config } from "../../src/settings/index.ts";
import { makeImage } from "../support/image.ts";
import { makeContext, writeTree } from "../support/tree.ts";

async function missing(config: Partial<Config>): Promise<readonly string[]> {
  const { toolbox, runner } = await makeContext({}, {}, () => "systemd 262\n");
  if (toolbox.kind === "tree") await writeTree(toolbox.root, { "usr/lib/systemd/libsystemd-shared-262.so": "" });
  return await missingTools([makeImage(config)], toolbox, runner);
}

test("what computes PCR values is asked for before anything is built, where there is something to compute them of", async () => {
  const pcrs: Partial<Config> = { splitArtifacts: ["pcrs"] };
  expect(await missing({ ...pcrs, format: "disk", bootable: "enabled" })).toContain("systemd-measure");
  expect(await missing({ ...pcrs, format: "uki" })).toContain("systemd-measure");
  expect(await missing({ ...pcrs, format: "tar" })).not.toContain("systemd-measure");
  expect(await missing({ ...pcrs, format: "disk", bootable: "disabled" })).not.toContain("systemd-measure");
  expect(await missing({ format: "disk", bootable: "enabled" })).not.toContain("systemd-measure");
});
