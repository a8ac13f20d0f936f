// What a program in the sandbox really sees and may do. Needs root, as bubblewrap is called without the namespace
// that `mkosi` makes for other users.

import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { CommandFailure, createRunner } from "../../src/sandbox/spawn.ts";
import { bind, bindReadOnly, type SandboxSpec } from "../../src/sandbox/spec.ts";
import { makeDirectory } from "../support/tree.ts";

const directory = mkdtempSync(join(tmpdir(), "sandbox-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const base: SandboxSpec["base"] = { kind: "tools", toolbox: { kind: "host", searchPaths: [] } };

async function shell(script: string, spec: Partial<SandboxSpec> = {}, signal?: AbortSignal): Promise<string> {
  const runner = createRunner({ directory, log: () => {}, ...(signal === undefined ? {} : { signal }) });
  const { stdout } = await runner.run({ argv: ["sh", "-c", script], base, output: "capture", ...spec });
  return stdout;
}

describe.skipIf(process.getuid?.() !== 0)("a sandbox with the host's tools", () => {
  test("hides the host's /etc and /var, its processes and its environment", async () => {
    process.env.MKOSI_TEST_SECRET = "secret";
    expect(await shell("ls /etc/hostname /etc/apt /etc/shadow /var/lib 2>/dev/null || true")).toBe("");
    expect(await shell("env")).not.toContain("secret");
    expect((await shell("ls /proc | grep -c '^[0-9]'")).trim()).toMatch(/^[1-5]$/);
  });

  test("has only the loopback device, unless the network is asked for", async () => {
    const devices = "sed -n 's/^ *\\([a-z0-9]*\\):.*/\\1/p' /proc/net/dev";
    expect((await shell(devices)).trim()).toBe("lo");
    expect((await shell(devices, { network: true })).trim().split("\n").length).toBeGreaterThan(1);
  });

  test("may write only what is bound for writing", async () => {
    const place = makeDirectory();
    mkdirSync(join(place, "in"));
    mkdirSync(join(place, "out"));
    const mounts = [bindReadOnly(join(place, "in"), "/in"), bind(join(place, "out"), "/out")];
    await shell("echo x > /out/file", { mounts });
    expect(existsSync(join(place, "out/file"))).toBe(true);
    await expect(shell("echo x > /in/file", { mounts })).rejects.toThrow("ended with status");
    await expect(shell("echo x > /usr/file")).rejects.toThrow("ended with status");
  });

  test("gives files and standard input by their content", async () => {
    expect(await shell("cat /etc/given", { mounts: [{ type: "file", content: "text\n", target: "/etc/given" }] })).toBe(
      "text\n",
    );
    expect(await shell("cat", { input: "typed" })).toBe("typed");
    expect(await shell("cat")).toBe("");
  });

  test("keeps the status and the last output of a program that fails", async () => {
    const failure = await shell("echo one >&2; echo two >&2; exit 7").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CommandFailure);
    expect(failure).toMatchObject({ status: 7, output: "one\ntwo\n", details: { excerpt: "one\ntwo" } });
  });

  test("is gone with everything in it when the signal aborts", async () => {
    const mark = join(makeDirectory(), "out");
    mkdirSync(mark);
    const abort = new AbortController();
    const running = shell(
      "(sleep 2; touch /out/late) & touch /out/started; wait",
      { mounts: [bind(mark, "/out")] },
      abort.signal,
    );
    await expect.poll(() => existsSync(join(mark, "started"))).toBe(true);
    abort.abort(new Error("interrupted"));
    await expect(running).rejects.toThrow("interrupted");
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(existsSync(join(mark, "late"))).toBe(false);
  });

  test("is told to stop by stop(), and says what it printed last", async () => {
    const runner = createRunner({ directory, log: () => {} });
    await using server = await runner.start({ argv: ["sh", "-c", "echo up; exec sleep 60"], base });
    await expect.poll(() => server.tail()).toBe("up\n");
    await server.stop();
    expect(await server.finished).toBeGreaterThan(128);
  });

  test.skipIf(process.arch !== "x64")("answers fsync without asking the kernel, unless told otherwise", async () => {
    // Descriptor 99 is not open: only a call that never reaches the kernel succeeds on it.
    const fsync = "perl -e 'print syscall(74, 99)'";
    expect(await shell(fsync)).toBe("0");
    expect(await shell(fsync, { suppressSync: false })).toBe("-1");
  });
});
