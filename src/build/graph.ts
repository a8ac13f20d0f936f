// Runs the nodes of a build side by side: a node starts when those it depends on are done, the first failure stops
// the others and is the one that is reported.

export interface GraphNode {
  readonly name: string;
  /** Names of nodes that must be done before this one starts. */
  readonly dependencies: readonly string[];
  /** Does the work; `signal` aborts when another node has failed. */
  run(): Promise<void>;
}

/**
 * Runs all nodes.
 * @param abort called with the first failure, so that what runs elsewhere is stopped
 * @throws the first failure, once every node has ended
 */
export async function runGraph(nodes: readonly GraphNode[], abort: (reason: unknown) => void): Promise<void> {
  const known = new Set(nodes.map((node) => node.name));
  const started = new Map<string, Promise<void>>();
  let failure: { readonly reason: unknown } | undefined;

  function start(node: GraphNode): Promise<void> {
    const running = started.get(node.name) ?? runAfterDependencies(node);
    started.set(node.name, running);
    return running;
  }

  async function runAfterDependencies(node: GraphNode): Promise<void> {
    const dependencies = nodes.filter((other) => node.dependencies.includes(other.name) && known.has(other.name));
    await Promise.all(dependencies.map(start));
    if (failure !== undefined) return;
    try {
      await node.run();
    } catch (reason) {
      if (failure === undefined) {
        failure = { reason };
        abort(reason);
      }
    }
  }

  await Promise.all(nodes.map(start));
  if (failure !== undefined) throw failure.reason;
}

/** Lets at most `count` pieces of work run at once; the others wait in order. */
export type Slots = <T>(work: () => Promise<T>) => Promise<T>;
