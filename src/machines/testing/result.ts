// What came out of a test; the writers of reports (terminal, TAP, JUnit) know nothing else.

export type Verdict = "passed" | "failed" | "skipped";

export interface TestResult {
  /** Of the image, as the project has it. */
  readonly image: string;
  /** `hello.test`, `unit:ssh.service`, … */
  readonly name: string;
  readonly verdict: Verdict;
  readonly seconds: number;
  /** Why it failed or was skipped, without full stop. */
  readonly reason?: string | undefined;
  /** Lines worth seeing when it has failed. */
  readonly excerpt?: string | undefined;
  /** The directory with what the machine has printed and logged. */
  readonly logs?: string | undefined;
}
