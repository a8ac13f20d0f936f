import { expect, test } from "vitest";
import { usePackageCache } from "../../src/build/package-cache.ts";
import { makeImage } from "../support/image.ts";

test("a package cache that cannot be written is told with its setting and where that stands", async () => {
  const origin = { kind: "file", path: "/p/mkosi.conf", line: 3, column: 23 } as const;
  const image = { ...makeImage({}), origin: (key: string) => (key === "packageCacheDirectory" ? origin : undefined) };
  const packageCache = "/proc/mkosi-test/pkg";
  const use = usePackageCache({ image, packageCache, packageManager: { name: "apt" } });
  await expect(use).rejects.toMatchObject({
    message: `${packageCache} cannot be used as PackageCacheDirectory=: nothing can be made there`,
    details: { origin, remedy: "set PackageCacheDirectory= to a directory that you may write to" },
  });
});
