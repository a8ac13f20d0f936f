// What goes wrong with a mirror, by path.

export interface Fault {
  /** Paths (of the mirror, or whole URLs of requests through the proxy) that it applies to. */
  readonly match: RegExp;
  readonly kind:
    | { readonly status: number }
    /** The answer begins after that many seconds. */
    | { readonly delay: number }
    /** Half of the body, then the connection breaks. */
    | "truncated"
    /** A byte in the middle of the body is another. */
    | "corrupted"
    /** The body is this text. */
    | { readonly text: string }
    /** The body is another file's of the mirror. */
    | { readonly path: string };
  /** How often; then all is well again. Default: always. */
  readonly times?: number;
}

/** Faults with how often each has been seen. */
export class Faults {
  #left: { fault: Fault; times: number }[] = [];

  set(faults: readonly Fault[]): void {
    this.#left = faults.map((fault) => ({ fault, times: fault.times ?? Number.POSITIVE_INFINITY }));
  }

  /** The first one for a request, which counts as having happened. */
  take(...names: readonly string[]): Fault["kind"] | undefined {
    const found = this.#left.find(({ fault, times }) => times > 0 && names.some((name) => fault.match.test(name)));
    if (found === undefined) return undefined;
    found.times -= 1;
    return found.fault.kind;
  }
}
