// Work that is done side by side and must have ended, all of it, before anybody goes on.

/** Like Promise.all, but it waits for the end of all before it fails with the first failure. */
export async function together<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}
