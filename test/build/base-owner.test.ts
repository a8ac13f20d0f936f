import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { namingBaseTree } from "../../src/build/base-owner.ts";
import { makeImage } from "../support/image.ts";
import { makeDirectory } from "../support/tree.ts";

test.skipIf(process.getuid?.() !== 0)("a base tree of others is named when nothing can be changed in it", async () => {
  const [mine, others, root] = [makeDirectory(), makeDirectory(), "/workspace/root"];
  for (const tree of [mine, others]) mkdirSync(join(tree, "usr/lib"), { recursive: true });
  chownSync(join(others, "usr/lib"), 65534, 65534);
  const failing = async (baseTrees: readonly string[], code: string, path = `${root}/usr/lib/clock-epoch`) =>
    await namingBaseTree(makeImage({ baseTrees }), root, () =>
      Promise.reject(Object.assign(new Error(code), { code, path })),
    ).catch((error: unknown) => (error as Error).message);
  const named = `image main: nothing can be changed in the base tree ${others}, whose files belong to others (/usr/lib/clock-epoch)`;
  expect(await failing([mine, others], "EACCES")).toBe(named);
  expect(await failing([others], "EOVERFLOW")).toBe(named);
  expect(await failing([mine], "EACCES")).toBe("EACCES");
  expect(await failing([others], "ENOENT")).toBe("ENOENT");
  expect(await failing([others], "EACCES", "/elsewhere")).toBe("EACCES");
});
