// What docs/manual/signing.md tells people to write and to type, word for word: the image starts where firmware trusts nobody
// but its certificate, and with the page's partition definitions from a file system with verity. Emulated, that takes minutes.

import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readPage } from "../reference/pages.ts";
import { CHECKOUT, type Finished, mkosiOk, run } from "../support/mkosi.ts";
import { writeTree } from "../support/project.ts";
import { runs } from "../support/runs.ts";

const notHere = process.getuid?.() !== 0 || process.arch !== "x64" || runs(1) === 1;
const PAGE = readPage("manual/signing");

/** The page's files, by their names. */
const FILES = Object.fromEntries(
  [...PAGE.matchAll(/^```ini title=(\S+)\n([\s\S]*?)^```$/gm)].map(([, name = "", text = ""]) => [name, text]),
);
const COMMANDS = [...PAGE.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, text = ""]) => text.trim().split("\n"));

describe.skipIf(notHere)("the chapter about signing", () => {
  let directory = "";

  beforeAll(() => {
    directory = execFileSync("mktemp", ["-d", "/tmp/mkosi-test-XXXXXX"], { encoding: "utf8" }).trim();
    const { "mkosi.conf": conf = "" } = FILES;
    // So that tests can read what the machine says, and build again in seconds.
    const local = "[Build]\nIncremental=yes\nCacheDirectory=cache\n[Runtime]\nConsole=read-only\nTPM=no\nKVM=no\n";
    writeTree(directory, { "mkosi.conf": conf, "mkosi.local.conf": local });
    return () => rmSync(directory, { recursive: true, force: true });
  });

  const boot = async (): Promise<Finished> => {
    const [program = "", ...words] = (COMMANDS.at(-1) ?? "").split(" ");
    expect([program, words.at(-1)]).toEqual(["mkosi", "vm"]);
    return await run([process.execPath, join(CHECKOUT, "bin/mkosi"), ...words], {
      cwd: directory,
      timeout: 600,
      onOutput: (text, child) => {
        if (/Reached target.*multi-user|emergency mode/i.test(text)) child.kill("SIGTERM");
      },
    });
  };

  test("makes a key, and an image that starts with Secure Boot", async () => {
    expect(COMMANDS).toEqual(["mkosi genkey", "mkosi -f build", "mkosi vm"]);
    for (const command of COMMANDS.slice(0, -1)) await mkosiOk(command.split(" ").slice(1), { cwd: directory });
    const { stdout, stderr } = await boot();
    expect(stdout + stderr).toMatch(/UEFI Secure Boot is enabled[\s\S]*multi-user/);
  });

  test("makes one whose root file system has verity, and is started by a kernel that knows its hash", async () => {
    const definitions = Object.entries(FILES).filter(([name]) => name.startsWith("mkosi.repart/"));
    expect(definitions).toHaveLength(4);
    writeTree(directory, Object.fromEntries(definitions));
    await mkosiOk(["-f", "build"], { cwd: directory });
    const { stdout, stderr } = await boot();
    expect(stdout + stderr).toMatch(/UEFI Secure Boot is enabled[\s\S]*veritysetup[\s\S]*multi-user/);
  });
});
