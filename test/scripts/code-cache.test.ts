import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CHECKOUT, run } from "../support/mkosi.ts";

test("V8 takes the code cache of the program under the flags of bin/mkosi", async () => {
  const dist = join(CHECKOUT, "dist");
  expect(readdirSync(dist).filter((name) => name.endsWith(".cache"))).toHaveLength(1);
  // The program is run with a Script that tells whether its cache was taken.
  const spy = `
    const vm = require("node:vm");
    const { Script } = vm;
    vm.Script = class extends Script {
      constructor(...args) { super(...args); console.error("rejected:", this.cachedDataRejected); }
    };
    process.argv[1] = ${JSON.stringify(join(CHECKOUT, "bin/mkosi"))};
    require(process.argv[1]);`;
  const { stdout, stderr } = await run([process.execPath, "-e", spy, "mkosi", "--version"], { cwd: CHECKOUT });
  expect(stderr).toContain("rejected: false");
  expect(stdout).toMatch(/^mkosi /);
});
