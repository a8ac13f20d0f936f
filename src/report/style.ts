// Colours by meaning instead of by name, and the one place that decides whether there are any.

import { styleText } from "node:util";

export type Meaning = "error" | "warning" | "done" | "label" | "strong" | "code" | "emphasis";
/** Colours a text, or returns it as it is. */
export type Style = (meaning: Meaning, text: string) => string;

const FORMATS = {
  error: ["bold", "red"],
  warning: ["bold", "yellow"],
  done: "green",
  label: "dim",
  strong: "bold",
  code: "cyan",
  emphasis: "underline",
} as const;

export const plain: Style = (_meaning, text) => text;

const coloured: Style = (meaning, text) =>
  // Newer versions of Node would look at standard output, which may not be where this goes.
  styleText(FORMATS[meaning] as Parameters<typeof styleText>[0], text, { validateStream: false });

/** What suits a stream: colours on a terminal, unless NO_COLOR is set (https://no-color.org) or TERM is `dumb`. */
export function styleFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Style {
  if ((env["NO_COLOR"] ?? "") !== "") return plain;
  if ((env["FORCE_COLOR"] ?? "") !== "" && env["FORCE_COLOR"] !== "0") return coloured;
  return stream.isTTY === true && env["TERM"] !== "dumb" ? coloured : plain;
}
