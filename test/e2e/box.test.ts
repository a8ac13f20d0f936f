// box: programs of the tools tree on this machine as it is otherwise, as root and without; shells on a terminal.

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { takeSnapshot } from "../support/cleanliness.ts";
import { CHECKOUT, mkosi, mkosiOk, run } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";
import { keptToolsTree } from "../support/tools-tree.ts";
import { unprivilegedUser } from "../support/user.ts";

const CONF = "[Distribution]\nDistribution=custom\n[Output]\nFormat=none\n";
const SCRIPT = `
echo "$(pwd) $(id -u):$(id -g) $MKOSI_IN_BOX $MKOSI_DEFAULT_TOOLS_TREE_PATH $SHELL_PROMPT_PREFIX"
cat /usr/lib/os-release; cat > written; exit 4`;

const user = unprivilegedUser();
const tree = keptToolsTree();

test.each([undefined, ...(typeof user === "string" ? [] : [user])])(
  "a program of the tools, as the caller",
  async (who) => {
    const cwd = makeProject({ "mkosi.conf": CONF });
    if (who !== undefined) execFileSync("chown", ["-R", who.name, cwd]);
    const before = takeSnapshot();
    const args = [`--tools-tree=${tree}`, "box", "--", "sh", "-c", SCRIPT];
    const env = { MKOSI_IN_BOX: undefined, SHELL_PROMPT_PREFIX: "(box)" };
    const { status, stdout } = await mkosi(args, {
      cwd,
      env,
      input: "input",
      ...(who === undefined ? {} : { user: who }),
    });
    expect(status).toBe(4);
    const id = who === undefined ? `${process.getuid?.()}:${process.getgid?.()}` : ownerOf(who.home);
    expect(stdout).toBe(`${cwd} ${id} 1 ${tree} (box:2)\n${readFileSync(join(tree, "usr/lib/os-release"), "utf8")}`);
    expect(readFileSync(join(cwd, "written"), "utf8")).toBe("input");
    expect(ownerOf(join(cwd, "written"))).toBe(id);
    expect(await before.leftovers()).toEqual([]);
  },
);

test("without a tools tree it is this machine's", async () => {
  const cwd = makeProject({ "mkosi.conf": CONF });
  const { stdout } = await mkosiOk(["--tools-tree=no", "box", "cat", "/usr/lib/os-release"], { cwd });
  expect(stdout).toBe(readFileSync("/usr/lib/os-release", "utf8"));
});

test("a program that is not there has the shell's status for it", async () => {
  const { status } = await mkosi([`--tools-tree=${tree}`, "box", "there-is-no-such-program"], {
    cwd: makeProject({ "mkosi.conf": CONF }),
  });
  expect(status).toBe(127);
});

test.skipIf(spawnSync("python3", ["--version"]).status !== 0)("a shell keeps Ctrl-C for itself", async () => {
  const steps = [
    // A shell that the tools lack is replaced.
    ["# ", "echo in-$BASH\n"],
    ["in-/usr/bin/bash", "\x03"],
    ["# ", "sh -c 'echo $((40 + 2))-answer; exec sleep 100'\n"],
    ["42-answer", "\x03"],
    ["# ", "exit 9\n"],
  ];
  const program = [process.execPath, join(CHECKOUT, "bin/mkosi"), `--tools-tree=${tree}`, "box"];
  const script = resolve(import.meta.dirname, "../support/terminal.py");
  const { stdout, stderr } = await run(["python3", script, JSON.stringify(steps), ...program], {
    cwd: makeProject({ "mkosi.conf": CONF }),
    env: { TERM: "xterm", SHELL: "/usr/bin/no-such-shell", PS1: "# " },
    timeout: 200,
  });
  expect([stderr, JSON.parse(stdout || "null")]).toEqual(["", expect.objectContaining({ status: 9, restored: true })]);
});

function ownerOf(path: string): string {
  const { uid, gid } = statSync(path);
  return `${uid}:${gid}`;
}
