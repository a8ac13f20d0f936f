// How many random cases tests try.

/** Ten times as many as usual with `./x test --all`. */
export function runs(usual: number): number {
  return process.env["MKOSI_TEST_ALL"] === "1" ? 10 * usual : usual;
}
