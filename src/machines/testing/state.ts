// What a machine under test has told so far, put together from the lines of its runner.

/** How a test's unit ended, in systemd's words (systemd.exec(5), $SERVICE_RESULT). */
export interface Ended {
  readonly result: string;
  /** `exited`, `killed`, … */
  readonly code: string;
  /** A number, or the name of a signal. */
  readonly status: string;
}

export interface MachineState {
  /** Seconds from the start to the end of the boot. */
  booted?: number;
  emergency?: boolean;
  /** By the number of the expectation; the value says what is wrong. */
  readonly expectations: Map<number, { readonly wrong: string | undefined; readonly seconds: number }>;
  ended?: Ended;
  /** Status of `systemctl start`, for a test that did not run. */
  notRun?: number;
  readonly words: string[];
  done?: boolean;
}

export function newState(): MachineState {
  return { expectations: new Map(), words: [] };
}

/** Takes in one line. @param seconds since the machine was started */
export function takeLine(state: MachineState, line: string, seconds: number): void {
  const [word = "", ...rest] = line.trimEnd().split(" ");
  const [number = "", ...text] = rest;
  switch (word) {
    case "booted":
      state.booted ??= seconds;
      return;
    case "emergency":
      state.emergency = true;
      return;
    case "ok":
    case "bad":
      state.expectations.set(Number(number), { wrong: word === "ok" ? undefined : text.join(" "), seconds });
      return;
    case "ended": {
      const [result = "", code = "", status = ""] = rest;
      state.ended = { result, code, status };
      return;
    }
    case "started":
      state.notRun = Number(number);
      return;
    case "words":
      state.words.push(rest.join(" "));
      return;
    case "done":
      state.done = true;
      return;
  }
}
