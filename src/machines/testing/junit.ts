// Results as the XML of JUnit, which CI systems read: a suite for each image.

import type { TestResult } from "./result.ts";

/** The whole document. @param time when the tests were started */
export function junitXml(results: readonly TestResult[], time: Date): string {
  const images = [...new Set(results.map(({ image }) => image))];
  const suites = images.map((image) =>
    suite(
      image,
      results.filter((result) => result.image === image),
      time,
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${totals(results)}>\n${suites.join("")}</testsuites>\n`;
}

function suite(image: string, results: readonly TestResult[], time: Date): string {
  const timestamp = time.toISOString().replace(/\.\d+Z$/, "");
  return `  <testsuite${attributes({ name: image })}${totals(results)}${attributes({ timestamp })}>
${results.map(testCase).join("")}  </testsuite>
`;
}

function totals(results: readonly TestResult[]): string {
  const count = (verdict: TestResult["verdict"]) =>
    String(results.filter((result) => result.verdict === verdict).length);
  return attributes({
    tests: String(results.length),
    failures: count("failed"),
    errors: "0",
    skipped: count("skipped"),
    time: results.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3),
  });
}

function testCase({ image, name, verdict, seconds, reason, excerpt, logs }: TestResult): string {
  const open = `    <testcase${attributes({ classname: image, name, time: seconds.toFixed(3) })}`;
  if (verdict === "passed") return `${open}/>\n`;
  const message = attributes({ message: reason ?? "" });
  if (verdict === "skipped") return `${open}>\n      <skipped${message}/>\n    </testcase>\n`;
  const text = [excerpt, logs === undefined ? undefined : `Logs: ${logs}`]
    .filter((part) => part !== undefined)
    .join("\n");
  return `${open}>\n      <failure${message}>${escape(text)}</failure>\n    </testcase>\n`;
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escape(value).replace(/[\n\t]/g, (char) => `&#${char.charCodeAt(0)};`)}"`)
    .join("");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Without characters that XML has no way to write: consoles are full of them. */
function escape(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replace(/[^\t\n\u0020-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
}
