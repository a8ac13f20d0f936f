// Results in the Test Anything Protocol, version 14 (testanything.org).

import type { TestResult } from "./result.ts";

/** The whole document. */
export function tapText(results: readonly TestResult[]): string {
  const lines = results.flatMap((result, index) => [point(result, index + 1), ...diagnostics(result)]);
  return ["TAP version 14", `1..${results.length}`, ...lines].map((line) => `${line}\n`).join("");
}

function point({ image, name, verdict, reason }: TestResult, number: number): string {
  const skipped = verdict === "skipped" ? ` # SKIP ${oneLine(reason ?? "")}`.trimEnd() : "";
  return `${verdict === "failed" ? "not ok" : "ok"} ${number} - ${escape(`${image}: ${name}`)}${skipped}`;
}

/** A YAML block of strings in double quotes, which are those of JSON. */
function diagnostics({ verdict, seconds, reason, excerpt, logs }: TestResult): string[] {
  const entries = Object.entries({
    duration_ms: Math.round(seconds * 1000),
    ...(verdict === "failed" ? { message: reason, excerpt, logs } : {}),
  }).filter(([, value]) => value !== undefined);
  return ["  ---", ...entries.map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`), "  ..."];
}

/** `#` begins a directive, and a backslash takes its meaning from it. */
function escape(text: string): string {
  return oneLine(text).replace(/[\\#]/g, "\\$&");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
