// Puts a failure into the words and the layout that a person reads: what went wrong, where it was configured, the
// lines worth seeing, what to do, and where everything else is written.

import { stripVTControlCharacters } from "node:util";
import { Failure, formatOrigin } from "./failure.ts";
import type { Style } from "./style.ts";
import { plain } from "./style.ts";
import { visible } from "./visible.ts";

/** The text of a failure, without a newline at its end. The excerpt of its cause is shown when it has none itself. */
export function failureText(failure: Failure, style: Style = plain, level: "error" | "warning" = "error"): string {
  const { origin, remedy, again, log } = failure.details;
  const lines = [`${style(level, `${level}:`)} ${visible(failure.message)}`];
  if (origin !== undefined) lines.push(`  ${style("label", "at:")} ${visible(formatOrigin(origin))}`);
  // a tool's colours go, as they would end anywhere
  const excerpt = stripVTControlCharacters(excerptOf(failure) ?? "");
  for (const line of excerpt === "" ? [] : visible(excerpt).split("\n"))
    lines.push(`  ${style("label", "|")} ${line}`.trimEnd());
  if (remedy !== undefined) lines.push(`  ${style("label", "help:")} ${visible(remedy)}`);
  for (const line of again?.split("\n") ?? []) lines.push(`  ${style("label", "again:")} ${visible(line)}`);
  if (log !== undefined) lines.push(`  ${style("label", "log:")} ${log}`);
  return lines.join("\n");
}

/** The text of what is thrown but is no Failure: a defect of this program, with its stack trace for the report. */
export function defectText(error: unknown, log?: string, style: Style = plain): string {
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    `${style("error", "internal error:")} this is a defect of mkosi, not of your configuration`,
    ...trace.split("\n").map((line) => `  ${line.trimEnd()}`),
    `  ${style("label", "help:")} please report it with the lines above${log === undefined ? "" : " and the log"}`,
    ...(log === undefined ? [] : [`  ${style("label", "log:")} ${log}`]),
  ].join("\n");
}

function excerptOf(error: unknown): string | undefined {
  // A cause may be its own cause only by mistake; ten levels are more than anybody wraps.
  for (let depth = 0; depth < 10 && error instanceof Failure; depth++) {
    const excerpt = error.details.excerpt?.trimEnd();
    if (excerpt !== undefined && excerpt !== "") return excerpt;
    error = error.details.cause;
  }
  return undefined;
}
