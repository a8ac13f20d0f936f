// "Did you mean": the known name that is nearest to what somebody wrote.

/**
 * The candidate with the fewest edits (insertions, deletions, replacements, swaps of neighbours; case is free),
 * or undefined when none is near enough to be what was meant.
 * @param limit how many edits at most
 */
export function suggest(
  wrong: string,
  candidates: Iterable<string>,
  limit: number = Math.max(1, Math.floor(wrong.length / 3)),
): string | undefined {
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (candidate === "" || Math.abs(candidate.length - wrong.length) >= bestDistance) continue;
    const distance = editDistance(wrong.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `did you mean trixie? `, to put in front of a remedy that lists the few there are; empty where nothing is near. */
export function didYouMean(wrong: string, candidates: Iterable<string>): string {
  const near = suggest(wrong, candidates, Math.ceil(wrong.length / 3));
  return near === undefined ? "" : `did you mean ${near}? `;
}

/** How many edits make one word of the other. */
export function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length] ?? 0;
}
