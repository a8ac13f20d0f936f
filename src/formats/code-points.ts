// The order of texts by their code points, which is that of their UTF-8 bytes, too. JavaScript's own order is that of
// UTF-16 units: it puts what is beyond U+FFFF before U+E000.

/** Negative when the left text comes first, positive when the right one does. */
export function compareCodePoints(left: string, right: string): number {
  const shorter = Math.min(left.length, right.length);
  for (let index = 0; index < shorter; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

/** Surrogates, which stand for all that is beyond U+FFFF, come last. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
