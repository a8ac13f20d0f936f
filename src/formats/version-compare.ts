// Compares version strings by the UAPI Group's Version Format Specification, as systemd-boot orders its entries: for
// kernels, image versions and [Match] conditions.

const SKIPPED = /^[^A-Za-z0-9~^.-]+/;
const DIGITS = /^[0-9]*/;
const LETTERS = /^[A-Za-z]*/;

/**
 * What a missing number is worth: systemd takes it for older than 0, the specification (and with it the conditions of
 * configurations) for 0.
 */
export type MissingNumber = "older" | "zero";

/**
 * Compares two versions as `systemd-analyze compare-versions` does, or to the letter of the specification.
 * @returns a number below 0 when `a` is the older one, 0 when they are the same version, above 0 when `a` is newer
 */
export function compareVersions(a: string, b: string, missing: MissingNumber = "older"): number {
  let [left, right] = [a, b];
  for (;;) {
    left = left.replace(SKIPPED, "");
    right = right.replace(SKIPPED, "");
    // A tilde (a pre-release) makes older even than the end of the other, the other marks do not.
    for (const mark of ["~", undefined, "-", "^", "."]) {
      if (mark === undefined) {
        if (left === "" || right === "") return Math.sign(left.length - right.length);
        continue;
      }
      const [here, there] = [left.startsWith(mark), right.startsWith(mark)];
      if (here !== there) return here ? -1 : 1;
      if (here) [left, right] = [left.slice(1), right.slice(1)];
    }
    const numeric = /^[0-9]/.test(left) || /^[0-9]/.test(right);
    const [first, second] = [prefix(left, numeric), prefix(right, numeric)];
    if (numeric && missing === "older" && (first === "" || second === "")) return first === "" ? -1 : 1;
    const order = numeric ? compareNumbers(first, second) : compareText(first, second);
    if (order !== 0) return order;
    [left, right] = [left.slice(first.length), right.slice(second.length)];
  }
}

function prefix(text: string, numeric: boolean): string {
  return (numeric ? DIGITS : LETTERS).exec(text)?.[0] ?? "";
}

function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
  return Math.sign(left.length - right.length) || compareText(left, right);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
