import { expect, test } from "vitest";
import { detectHost } from "../../src/settings/host.ts";

test("the environment knows better than os-release", () => {
  expect(detectHost("/", { MKOSI_HOST_DISTRIBUTION: "fedora", MKOSI_HOST_RELEASE: "43" })).toEqual({
    distribution: "fedora",
    release: "43",
  });
});

test("an unknown name in the environment does not count", () => {
  expect(detectHost("/", { MKOSI_HOST_DISTRIBUTION: "beos" })).toEqual(detectHost("/", {}));
});

test("a tree without os-release is nothing we know", () => {
  expect(detectHost("/nonexistent", {})).toEqual({ distribution: undefined, release: undefined });
});
