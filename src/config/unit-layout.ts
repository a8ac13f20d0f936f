// The layout of partition definitions (repart.d(5)), which are in systemd's dialect: comments fill whole lines, and a
// line goes on when it ends with a backslash.

import { joinLines, type LaidOutLine } from "./layout.ts";

/** The text of a file of systemd's dialect in the layout that layOutConfig() gives to ours. */
export function layOutUnit(text: string): string {
  let goesOn = false;
  const lines = text
    .replace(/^\ufeff/, "")
    .split(/\r\n|[\n\r]/)
    .map((line): LaidOutLine => {
      const continued = goesOn;
      // a comment between the lines of a value does not end it
      if (!(continued && /^\s*[#;]/.test(line))) goesOn = /(?:^|[^\\])(?:\\\\)*\\$/.test(line);
      if (continued) return { kind: "text", text: trimmed(line) };
      return layOut(line);
    });
  return joinLines(lines);
}

function layOut(line: string): LaidOutLine {
  const content = trimmed(line).trimStart();
  if (content === "") return { kind: "blank", text: "" };
  if (/^[#;]/.test(content)) return { kind: "comment", text: content };
  if (/^\[.*\]$/.test(content)) return { kind: "section", text: content };
  const [, key, value] = /^([^\s=][^=]*?)\s*=\s*(.*)$/.exec(content) ?? [];
  return { kind: "text", text: key === undefined ? content : `${key}=${value}` };
}

/** Without the white space at its end, unless a backslash would become the last character, which means something. */
function trimmed(line: string): string {
  const text = line.trimEnd();
  return text.endsWith("\\") ? line : text;
}
