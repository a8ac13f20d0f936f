// Runs what README.md and CONTRIBUTING.md tell people to type, word for word, in a copy of the checkout whose name
// and node_modules are not ours.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHECKOUT, type Finished, run } from "../support/mkosi.ts";

/** The blocks of shell commands of a page. */
function blocks(page: string): string[] {
  return [...readFileSync(join(CHECKOUT, page), "utf8").matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
    (match) => match[1] ?? "",
  );
}

const temporary = mkdtempSync(join(tmpdir(), "mkosi-readme-"));
const copy = join(temporary, "a copy, not named mkosi");
const image = join(temporary, "image");
const env = { PATH: `${join(copy, "bin")}:${process.env["PATH"]}` };

async function shell(script: string, cwd: string): Promise<Finished> {
  const result = await run(["sh", "-eu", "-c", script], { cwd, env });
  expect(result.status, `${script}\n${result.stdout}${result.stderr}`).toBe(0);
  return result;
}

beforeAll(() => {
  const names = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: CHECKOUT,
    encoding: "utf8",
  });
  for (const name of names.split("\0").filter(Boolean)) {
    mkdirSync(dirname(join(copy, name)), { recursive: true });
    cpSync(join(CHECKOUT, name), join(copy, name), { verbatimSymlinks: true });
  }
  mkdirSync(image);
});
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

describe("README.md", () => {
  const [demo, tests, build, first, look, other, ...more] = blocks("README.md");

  test("has no commands that are not run here", () => {
    expect(more).toEqual([]);
    // This one runs what you are looking at.
    expect(tests).toBe("./x test\n");
  });

  test("the demo builds and boots in a fresh copy, and installs what it needs for that", async () => {
    const { stdout } = await shell(demo ?? "", copy);
    expect(stdout).toMatch(/the machine said “hello from Debian GNU\/Linux 13 \(trixie\), up after \d+ seconds”/);
  });

  test("build, and a first image", async () => {
    await shell(build ?? "", copy);
    await shell(first ?? "", image);
    expect(execFileSync("sfdisk", ["--json", join(image, "mkosi.output/image.raw")], { encoding: "utf8" })).toContain(
      '"gpt"',
    );
  });

  test("look at it, and boot it to its login prompt", async () => {
    const [summary = "", vm = "", ...rest] = (look ?? "").trim().split("\n");
    expect(rest).toEqual([]);
    expect((await shell(summary, image)).stdout).toContain("trixie");
    let console = "";
    const machine = await run(["sh", "-c", `exec ${vm}`], {
      cwd: image,
      env,
      timeout: 1200,
      onOutput(text, child) {
        console += text;
        if (/login: $/m.test(console)) child.kill("SIGTERM");
      },
    });
    expect(console).toMatch(/login: /);
    expect(machine.elapsed).toBeLessThan(1190);
  });

  test("a directory from the command line alone", async () => {
    await shell(other ?? "", image);
    expect(readFileSync(join(image, "tree/usr/lib/os-release"), "utf8")).toContain("trixie");
  });
});

test("CONTRIBUTING.md's single tests", async () => {
  for (const line of blocks("CONTRIBUTING.md").join("").trim().split("\n")) {
    expect((await shell(line, copy)).stdout).toMatch(/^[1-9]\d* passed, 0 failed, \d+ skipped\n$/m);
  }
});
