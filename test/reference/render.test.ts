// Markdown in a terminal and as a manual page.

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { VERBS } from "../../src/cli/verbs.ts";
import { CHAPTERS } from "../../src/facts/manual.ts";
import { manualHead, manualPage } from "../../src/reference/manual-page.ts";
import { roffText } from "../../src/reference/roff.ts";
import { terminalText } from "../../src/reference/terminal.ts";
import { plain, type Style } from "../../src/report/style.ts";
import { readPage } from "./pages.ts";

const tagged: Style = (meaning, text) => `<${meaning}>${text}</>`;

describe("terminal", () => {
  test("headings stand at the margin, text below them is indented and wrapped", () => {
    expect(terminalText("# title\n\none two three four five six seven\n\n## part\n\ntext", 24, plain)).toBe(
      "Title\n\n    one two three four\n    five six seven\n\n  part\n    text\n",
    );
  });

  test("styles follow what a text is", () => {
    expect(terminalText("**b** and *i* and `c d` and [here](x.md)", 80, tagged)).toBe(
      "    <strong>b</> and <emphasis>i</> and <code>c</> <code>d</> and <emphasis>here</>\n",
    );
  });

  test("punctuation stays with the word before it, addresses outside are shown", () => {
    expect(terminalText("see `a`, [b](https://example.org/)!", 80, plain)).toBe(
      "    see a, b <https://example.org/>!\n",
    );
  });

  test("lists hang, also within lists", () => {
    expect(terminalText("- one two three\n  - deeper\n- last\n\n1. first\n2. second", 16, plain)).toBe(
      "    • one two three\n      • deeper\n    • last\n\n    1. first\n    2. second\n",
    );
  });

  test("code is left as it is, under the name of its file", () => {
    expect(terminalText("```ini title=a.conf\n[A]\n\nB=1  2\n```", 80, plain)).toBe(
      "    a.conf:\n        [A]\n\n        B=1  2\n",
    );
  });

  test("tables are as narrow as the terminal asks for, but words stay whole", () => {
    const text = terminalText("| Name | Meaning |\n|---|---|\n| `a` | one two three four |\n| bcd | x |", 24, plain);
    expect(text).toBe(
      "    Name  Meaning\n    ────────────────────\n    a     one two three\n          four\n    bcd   x\n",
    );
  });

  test("comments and empty heads are not shown", () => {
    expect(terminalText("<!-- facts -->\n| | |\n|---|---|\n| a | b |\n<!-- /facts -->", 80, plain)).toBe("    a  b\n");
  });

  test("no line of the manual is wider than the terminal, except code and what has no blank", () => {
    for (const { name } of CHAPTERS) {
      for (const line of terminalText(readPage(`manual/${name}`), 80, plain).split("\n")) {
        if (line.length > 80 && !line.startsWith("        ")) expect(line.trim(), name).not.toContain(" ");
      }
    }
  });
});

describe("roff", () => {
  test("what roff would take for something else is escaped", () => {
    expect(roffText("a \\ b … `--x'y^~`\n\n```\n.TH\n'x\n```")).toBe(
      [
        ".PP",
        "a \\e b \\[u2026] \\fB\\-\\-x\\(aqy\\(ha\\(ti\\fR",
        ".PP",
        ".RS 4",
        ".nf",
        "\\&.TH",
        "\\(aqx",
        ".fi",
        ".RE",
      ].join("\n"),
    );
  });

  test("headings, lists of terms and tables", () => {
    expect(roffText("# Match\n\ntext\n\n| | |\n|---|---|\n| a | b |")).toBe('.SH "MATCH"\ntext\n.TP\n\\fBa\\fR\nb');
    expect(roffText("| a | b | c |\n|---|---|---|\n| 1 | 2 | |")).toContain("T{\n1\nT}\tT{\n2\nT}\tT{\n\\&\nT}");
  });

  test("groff reads the manual without a warning", ({ skip }) => {
    const version = spawnSync("groff", ["--version"]);
    skip(version.status !== 0, "groff is not installed");
    const text = [manualHead(VERBS), ...CHAPTERS.map(({ name }) => readPage(`manual/${name}`))].join("\n");
    // One long page, as on a terminal: where pages happen to end, tables would be warned of.
    const input = `.pl 20000\n${manualPage("mkosi", text, "2026-01-01")}`;
    const run = spawnSync("groff", ["-Tutf8", "-t", "-man", "-ww", "-z"], { input, encoding: "utf8" });
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
  });
});
