// Ends every test run with why tests were skipped and the line that continuous integration reads:
// `N passed, N failed, N skipped`.

import type { Reporter, TestModule } from "vitest/node";

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    // A file that cannot be loaded, or an error outside any test, fails the run without any failed test.
    let failed = unhandledErrors.length;
    let skipped = 0;
    const reasons = new Map<string, number>();
    for (const module of modules) {
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") passed += 1;
        else if (result.state === "failed") failed += 1;
        else {
          skipped += 1;
          const reason =
            (result.state === "skipped" ? result.note : undefined) ?? "not selected, or skipped in its source";
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        }
      }
    }
    // Vitest prints on after this event; the last line has to wait for the end of the process.
    process.once("exit", () => {
      for (const [reason, count] of reasons) process.stdout.write(`skipped ${count}: ${reason}\n`);
      process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
    });
  }
}
