// Turns the pieces of text in which tools' output arrives into whole lines, for each source on its own.

export interface LineSplitter {
  /** Takes a piece of text from a source; emits the lines that it completes. */
  add(source: string, text: string): void;
  /** Emits what is left without a newline, of one source or of all. */
  flush(source?: string): void;
}

/** A carriage return within a line means that a tool painted over it: only what is seen in the end counts. */
export function lineSplitter(emit: (source: string, line: string) => void): LineSplitter {
  const rest = new Map<string, string>();
  const finish = (line: string) => line.replace(/\r$/, "").replace(/^.*\r/, "");
  return {
    add(source, text) {
      const lines = ((rest.get(source) ?? "") + text).split("\n");
      rest.set(source, lines.pop() ?? "");
      for (const line of lines) emit(source, finish(line));
    },
    flush(source) {
      for (const [name, line] of source === undefined ? [...rest] : [[source, rest.get(source) ?? ""] as const]) {
        rest.delete(name);
        if (line !== "") emit(name, finish(line));
      }
    },
  };
}
