// What a build tells about itself. Producers (build, tools, machines) know only these types; terminal.ts and
// ndjson.ts turn the events into something to look at.

export type BuildEvent =
  | { readonly type: "node-started"; readonly node: string; readonly time: number }
  | { readonly type: "node-finished"; readonly node: string; readonly time: number; readonly outcome: Outcome }
  | { readonly type: "phase-started"; readonly node: string; readonly phase: string; readonly time: number }
  | {
      readonly type: "phase-finished";
      readonly node: string;
      readonly phase: string;
      readonly time: number;
      /** Seconds. */
      readonly elapsed: number;
      readonly outcome: Outcome;
    }
  | { readonly type: "phase-kept"; readonly node: string; readonly phase: string; readonly time: number }
  | { readonly type: "progress"; readonly node: string; readonly detail: string; readonly time: number }
  | { readonly type: "output"; readonly node: string; readonly text: string; readonly time: number }
  | { readonly type: "message"; readonly level: MessageLevel; readonly text: string; readonly time: number }
  /** A program has taken the terminal, or given it back. `text` is shown before. */
  | { readonly type: "terminal"; readonly taken: boolean; readonly text: string; readonly time: number }
  | {
      readonly type: "artifact";
      readonly node: string;
      /** Path on the host. */
      readonly path: string;
      readonly bytes: number;
      readonly time: number;
    }
  | {
      readonly type: "test-finished";
      /** The image. */
      readonly node: string;
      readonly name: string;
      readonly verdict: "passed" | "failed" | "skipped";
      readonly time: number;
      readonly seconds: number;
      /** Why it failed or was skipped. */
      readonly reason?: string | undefined;
      readonly excerpt?: string | undefined;
      /** The directory with what the machine has printed. */
      readonly logs?: string | undefined;
    };

/** `cancelled`: stopped because something else failed or the user interrupted. */
export type Outcome = "done" | "failed" | "cancelled";
export type MessageLevel = "info" | "warning" | "error";

/** Receives events; `time` is in milliseconds since the epoch. */
export type EventSink = (event: BuildEvent) => void;

/** One node of the graph (an image, the tools tree, a machine) as seen by the code that works on it. */
export interface NodeReport {
  readonly node: string;
  /** Runs `work` as a named, timed phase. Phases of one node do not overlap. */
  phase<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** A phase in which nothing is done, as what it would make is there. */
  kept(name: string): void;
  /** Output of a tool: it goes to the log, and to the screen with --debug. */
  output(text: string): void;
  /** What the running phase is busy with: `12 of 66 packages`, `waits for initrd`. */
  progress(detail: string): void;
  artifact(path: string, bytes: number): void;
  /** What the user should know although it goes on. */
  warning(text: string): void;
}

/** Makes the node's view of an event sink. @param signal what fails after it has aborted was cancelled */
export function nodeReport(node: string, sink: EventSink, signal?: AbortSignal): NodeReport {
  return {
    node,
    async phase(name, work) {
      const started = Date.now();
      sink({ type: "phase-started", node, phase: name, time: started });
      let outcome: Outcome = "failed";
      try {
        const result = await work();
        outcome = "done";
        return result;
      } catch (error) {
        if (signal?.aborted === true) outcome = "cancelled";
        throw error;
      } finally {
        const time = Date.now();
        sink({ type: "phase-finished", node, phase: name, time, elapsed: (time - started) / 1000, outcome });
      }
    },
    kept: (phase) => sink({ type: "phase-kept", node, phase, time: Date.now() }),
    output: (text) => sink({ type: "output", node, text, time: Date.now() }),
    progress: (detail) => sink({ type: "progress", node, detail, time: Date.now() }),
    artifact: (path, bytes) => sink({ type: "artifact", node, path, bytes, time: Date.now() }),
    warning: (text) => sink({ type: "message", level: "warning", text, time: Date.now() }),
  };
}
