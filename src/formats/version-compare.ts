// Comparison of versions by the UAPI Group's Version Format Specification, with systemd's reading of it
// (`systemd-analyze compare-versions`).

const SKIPPED = /^[^A-Za-z0-9~^.-]+/;

/** Negative when `left` is the older one, positive when it is the newer one, 0 when they are equal. */
export function compareVersions(left: string, right: string): number {
  let [a, b] = [left, right];
  for (;;) {
    a = a.replace(SKIPPED, "");
    b = b.replace(SKIPPED, "");
    if (a[0] === "~" || b[0] === "~") {
      if (a[0] !== b[0]) return a[0] === "~" ? -1 : 1;
      a = a.slice(1);
      b = b.slice(1);
    }
    if (a === "" || b === "") return a === b ? 0 : a === "" ? -1 : 1;
    for (const separator of "-^.") {
      if (a[0] !== separator && b[0] !== separator) continue;
      if (a[0] !== b[0]) return a[0] === separator ? -1 : 1;
      a = a.slice(1);
      b = b.slice(1);
    }
    const pattern = /^[0-9]/.test(a) || /^[0-9]/.test(b) ? /^[0-9]*/ : /^[A-Za-z]*/;
    const first = pattern.exec(a)?.[0] ?? "";
    const second = pattern.exec(b)?.[0] ?? "";
    const order = /^[0-9]/.test(first + second)
      ? compareNumbers(first, second)
      : first < second
        ? -1
        : first > second
          ? 1
          : 0;
    if (order !== 0) return order;
    a = a.slice(first.length);
    b = b.slice(second.length);
  }
}

function compareNumbers(left: string, right: string): number {
  const [a, b] = [left.replace(/^0+/, ""), right.replace(/^0+/, "")];
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
