// `mkosi documentation` and the pager, in a pseudo terminal where it matters.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CHECKOUT, mkosi, mkosiOk, run } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";

/** Runs mkosi on a pseudo terminal of 60 columns and returns what is seen there. */
const ON_TERMINAL = `
import fcntl, os, pty, struct, sys, termios
def spawn():
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
        os.execvp(sys.argv[1], sys.argv[1:])
    seen = b""
    while True:
        try:
            piece = os.read(fd, 4096)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    sys.stdout.buffer.write(seen)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.exit(spawn())
`;

async function onTerminal(args: readonly string[], cwd: string, env: Readonly<Record<string, string | undefined>>) {
  const program = [process.execPath, join(CHECKOUT, "bin/mkosi"), ...args];
  const result = await run(["python3", "-c", ON_TERMINAL, ...program], {
    cwd,
    env: { TERM: "xterm", PAGER: undefined, MANPAGER: undefined, MKOSI_LESS: undefined, ...env },
    timeout: 60,
  });
  return { ...result, seen: result.stdout.replaceAll("\r\n", "\n") };
}

const python = spawnSync("python3", ["--version"]).status === 0;

describe.skipIf(!python)("on a terminal", () => {
  test("text goes through $PAGER, wrapped to the terminal, with less's options in the environment", async () => {
    const cwd = makeProject();
    const { status, seen } = await onTerminal(["documentation", "match"], cwd, {
      PAGER: 'echo "LESS=$LESS"; sed "s/^/> /"',
      NO_COLOR: "1",
    });
    expect(status).toBe(0);
    const lines = seen.split("\n");
    expect(lines[0]).toBe("LESS=FXMKR");
    expect(lines[1]).toBe("> Match");
    expect(Math.max(...lines.filter((line) => !/[─<]/.test(line)).map((line) => line.length))).toBeLessThanOrEqual(62);
  });

  test("summary goes through it, too; --no-pager and redirection do without", async () => {
    const cwd = makeProject({ "mkosi.conf": "[Output]\nImageId=paged\n" });
    const env = { PAGER: "echo paged by; cat" };
    const paged = await onTerminal(["summary"], cwd, env);
    expect(paged.seen).toMatch(/^paged by\n/);
    expect(paged.seen).toContain("ImageId:");
    expect((await onTerminal(["--no-pager", "summary"], cwd, env)).seen).not.toContain("paged by");
    expect((await mkosiOk(["summary"], { cwd, env })).stdout).not.toContain("paged by");
  });

  test("a pager that does not exist, or that stops reading, loses nothing else", async () => {
    const cwd = makeProject();
    const missing = await onTerminal(["documentation", "Packages"], cwd, { PAGER: "no-such-pager" });
    expect(missing.seen).toContain("Packages=");
    expect(missing.status).toBe(0);
    const short = await onTerminal(["documentation", "configuration"], cwd, { PAGER: "head -n 2" });
    expect(short.seen.trimEnd().split("\n").length).toBeLessThanOrEqual(2);
    expect(short.status).toBe(0);
  });

  test("headings are bold, unless NO_COLOR says otherwise", async () => {
    const cwd = makeProject();
    const env = { PAGER: "cat" };
    expect((await onTerminal(["documentation", "Packages"], cwd, { ...env, NO_COLOR: "" })).seen).toContain("\x1b[1m");
    expect((await onTerminal(["documentation", "Packages"], cwd, { ...env, NO_COLOR: "1" })).seen).not.toContain(
      "\x1b",
    );
  });
});

describe("pages", () => {
  const show = async (...args: string[]) => await mkosi(["documentation", ...args], { cwd: CHECKOUT });

  test("of a setting by any of its names, of a verb, an option and a chapter", async () => {
    for (const name of ["Packages", "packages=", "package"]) expect((await show(name)).stdout).toMatch(/^Packages=\n/);
    expect((await show("PackageManagerTrees")).stdout).toMatch(/^SandboxTrees=\n/);
    expect((await show("vm")).stdout).toMatch(/^ *vm\n/);
    expect((await show("Ssh")).stdout).toMatch(/^Ssh=\n/);
    expect((await show("force")).stdout).toMatch(/^ *--force, -f\n/);
    expect((await show("specifiers")).stdout).toMatch(/^Specifiers\n/);
    expect((await show("initrd")).stdout).toMatch(/^ *Default initrd\n/);
    expect((await show("settings")).stdout).toContain("KernelModulesInitrdInclude=");
    expect((await show("news")).stdout).toMatch(/^Changelog\n/);
  });

  test("of a word of the language", async () => {
    for (const [word, title] of [
      ["Match", "Match"],
      ["[TriggerAssert]", "Match"],
      ["HostArchitecture", "Other conditions"],
      ["PathExists=", "Other conditions"],
      ["UKIProfile", "UnifiedKernelImageProfiles="],
      ["%i", "Specifiers"],
      ["mkosi.extra", "Files"],
      ["mkosi.conf", "Configuration"],
      ["mkosi.conf.d/", "Configuration"],
      ["mkosi.images", "Images"],
      ["[Content]", "[Content]"],
    ] as const)
      expect((await show(word)).stdout.split("\n")[0]?.trim(), word).toBe(title);
  });

  test("the whole manual has every chapter and every setting", async () => {
    const { stdout, status } = await show();
    expect(status).toBe(0);
    for (const heading of [
      "Name",
      "Verbs",
      "Options",
      "Configuration",
      "Match",
      "Settings of [Content]",
      "  Bootable=",
    ])
      expect(stdout).toContain(`\n${heading}\n`.replace(/^\n(?=Name)/, ""));
  });

  test("an unknown page is explained", async () => {
    const near = await show("Pakages");
    expect(near.status).toBe(1);
    expect(near.stderr).toContain("there is no page about “Pakages”");
    expect(near.stderr).toContain("Did you mean Packages?");
    expect((await show("zzzzzzzz")).stderr).toMatch(/a chapter: verbs, .*, settings, news\./);
    expect((await show("mkosi-sandbox")).stderr).toContain("a program of the original");
    expect((await show("match", "files")).stderr).toContain("shows one page");
  });
});

test("the build writes mkosi(1), which groff reads without a warning", ({ skip }) => {
  const file = join(CHECKOUT, "dist/man/mkosi.1");
  expect(readFileSync(file, "utf8")).toContain('.SH "SETTINGS OF [CONTENT]"');
  skip(spawnSync("groff", ["--version"]).status !== 0, "groff is not installed");
  // One long page, as on a terminal: where pages happen to end, tables would be warned of.
  const input = `.pl 20000\n${readFileSync(file, "utf8")}`;
  const groff = spawnSync("groff", ["-Tutf8", "-t", "-man", "-ww", "-z"], { encoding: "utf8", input });
  expect(groff.stderr).toBe("");
});

describe("--doc-format", () => {
  const show = async (format: string, page: string, env: Record<string, string> = {}) =>
    await mkosi([`--doc-format=${format}`, "documentation", page], { cwd: CHECKOUT, env });

  test("markdown is the page itself", async () => {
    expect((await show("markdown", "match")).stdout).toBe(readFileSync(join(CHECKOUT, "docs/manual/match.md"), "utf8"));
  });

  test("man shows a manual page", async ({ skip }) => {
    skip(spawnSync("man", ["--version"]).status !== 0, "man is not installed");
    const { stdout, status } = await show("man", "Packages", { MANPAGER: "cat", MANWIDTH: "100" });
    expect(status).toBe(0);
    expect(stdout.replaceAll(/.\x08/g, "")).toContain("PACKAGES=");
  });

  test("what is missing, or unknown, is said", async () => {
    const bare = makeProject({ bin: {} });
    const env = { PATH: join(bare, "bin") };
    const without = await show("man", "match", env);
    expect(without.status).toBe(1);
    expect(without.stderr).toContain("man is not installed");
    expect((await show("markdwon", "match")).stderr).toContain("Did you mean markdown?");
    expect((await show("system", "match")).stderr).toContain("have none about match alone");
  });

  test("pandoc is used where it is installed, else its absence is said", async () => {
    const { status, stderr, stdout } = await show("pandoc", "match", { MANPAGER: "cat" });
    if (spawnSync("pandoc", ["--version"]).status === 0) expect(stdout).toContain("TriggerMatch");
    else {
      expect(status).toBe(1);
      expect(stderr).toContain("pandoc is not installed");
    }
  });
});
