import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions } from "../../src/formats/version-compare.ts";

// Each line in rising order; the answers are those of `systemd-analyze compare-versions` 262.
const rising = [
  ["1~rc1", "1", "1.0"],
  ["122.1~rc", "122.1", "122.1^a"],
  ["1", "1^", "1^a", "1.1", "1a"],
  ["1-1", "1^", "1.1"],
  ["6.1.0-9-amd64", "6.1.0-10-amd64", "6.12.48+deb13-amd64"],
  ["6.12.48+deb13-cloud-amd64", "6.12.107+deb13-cloud-amd64", "6.13~rc1", "6.13"],
  ["~a", "", "a", "0"],
  ["A", "B", "a", "b"],
  ["1.9", "1.10"],
  ["9007199254740993", "9007199254740994"],
];

test.each(rising.map((versions) => [versions]))("orders %j", (versions) => {
  for (const [index, version] of versions.entries()) {
    for (const [other, later] of versions.entries()) {
      expect(Math.sign(compareVersions(version, later)), `${version} and ${later}`).toBe(Math.sign(index - other));
    }
  }
});

test.each([
  ["1.0", "1.00"],
  ["1_2", "1ü2"],
  ["01", "1"],
])("takes %s and %s for the same version", (a, b) => {
  expect(compareVersions(a, b)).toBe(0);
});

test("to the letter of the specification a missing number is 0", () => {
  expect(compareVersions("1..2", "1.0.2")).toBe(-1);
  expect(compareVersions("1..2", "1.0.2", "zero")).toBe(0);
  expect(compareVersions("a", "0", "zero")).toBe(1);
});

test("is antisymmetric, and transitive over what it orders", () => {
  const version = fc.string({ unit: fc.constantFrom("0", "1", "9", "a", "Z", "~", "-", "^", ".", "+"), maxLength: 8 });
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
      if (compareVersions(a, b) < 0 && compareVersions(b, c) < 0) expect(compareVersions(a, c)).toBeLessThan(0);
    }),
  );
});
