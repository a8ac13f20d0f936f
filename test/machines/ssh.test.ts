// ssh: the note about a running machine, and the command line made of it. test/e2e/ssh.test.ts logs in for real.

import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { keepRecord, type MachineRecord, readRecord, recordsDirectory } from "../../src/machines/record.ts";
import { runMachine } from "../../src/machines/run.ts";
import { daemonProxy, kernelProxy, runSsh, sshCommand } from "../../src/machines/ssh.ts";
import type { Toolbox } from "../../src/sandbox/spec.ts";
import { makeProject } from "../support/project.ts";
import { play } from "./play.ts";

const PROXY = "usr/lib/systemd/systemd-ssh-proxy";

function toolbox(...files: readonly string[]): Toolbox {
  const root = makeProject(Object.fromEntries(files.map((file) => [file, ""])));
  return { kind: "tree", root, searchPaths: [] };
}

describe("the way to a machine", () => {
  test("by the kernel's vsock, with systemd's program or socat", () => {
    expect(kernelProxy(toolbox(PROXY), 77)).toEqual({ command: `/${PROXY} vsock/77 %p`, passesDescriptor: true });
    expect(kernelProxy(toolbox(), 77)).toEqual({ command: "socat - VSOCK-CONNECT:77:%p", passesDescriptor: false });
  });

  test("by the daemon's socket, whatever its path has in it", () => {
    expect(daemonProxy(toolbox(), "/run/s")).toBeUndefined();
    expect(daemonProxy(toolbox(PROXY), "/run/it's 5%/s")?.command).toBe(`/${PROXY} 'vsock-mux/run/it'\\''s 5%%/s' %p`);
  });

  test("the user's ssh configuration and known hosts do not count", () => {
    const proxy = { command: "proxy %p", passesDescriptor: true };
    expect(sshCommand({ proxy, key: "/k" }, ["uname", "-a"]).join(" ")).toBe(
      "ssh -F none -i /k -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o LogLevel=ERROR" +
        " -o ProxyCommand=proxy %p -o ProxyUseFdpass=yes -o IdentitiesOnly=yes root@mkosi uname -a",
    );
    expect(sshCommand({ proxy: { ...proxy, passesDescriptor: false }, key: null }, [])).not.toContain("-i");
  });
});

describe("the record of a machine", () => {
  const record = (machine: string): MachineRecord => ({
    machine,
    process: process.pid,
    proxy: { command: "proxy", passesDescriptor: true },
    key: "/key",
  });

  test("is there while it runs, and another of the same name leaves it alone", async () => {
    const directory = makeProject();
    const kept = await keepRecord(directory, record("a/b"));
    expect(await readRecord(directory, "a/b")).toEqual(record("a/b"));
    expect(await keepRecord(directory, record("a/b"))).toBeUndefined();
    await kept?.[Symbol.asyncDispose]();
    expect(await readRecord(directory, "a/b")).toBeUndefined();
    expect(readdirSync(directory)).toEqual([]);
  });

  test("of one that was killed counts for nothing", async () => {
    const dead = JSON.stringify({ Machine: "m", Pid: 0x7fff_fff0, ProxyCommand: "x", SshKey: null });
    const directory = makeProject({ "m.json": dead });
    expect(await readRecord(directory, "m")).toBeUndefined();
    expect(readdirSync(directory)).toEqual([]);
    expect(await keepRecord(directory, record("m"))).toBeDefined();
    expect(await readRecord(directory, "m")).toEqual(record("m"));
  });

  test("whose process number has gone to a younger process counts for nothing", async () => {
    const old = JSON.stringify({ Machine: "m", Pid: process.pid, ProxyCommand: "x", SshKey: null });
    const directory = makeProject({ "m.json": old });
    const yesterday = Date.now() / 1000 - 86_400;
    utimesSync(join(directory, "m.json"), yesterday, yesterday);
    expect(await readRecord(directory, "m")).toBeUndefined();
    expect(readdirSync(directory)).toEqual([]);
  });

  test("of the original is understood, anything else is told", async () => {
    const theirs = { Machine: "m", Pid: process.pid, ProxyCommand: "socat - VSOCK-CONNECT:3:%p", SshKey: null };
    const directory = makeProject({ "m.json": JSON.stringify(theirs), "broken.json": "{", "other.json": "{}" });
    expect(await readRecord(directory, "m")).toMatchObject({
      key: null,
      proxy: { command: theirs.ProxyCommand, passesDescriptor: false },
    });
    for (const name of ["broken", "other"])
      await expect(readRecord(directory, name)).rejects.toThrow(`${name}.json cannot be understood`);
  });

  test("is kept in the session's directory, if there is one", async () => {
    const directory = makeProject();
    const records = await recordsDirectory(1234, { XDG_RUNTIME_DIR: directory });
    expect(records).toBe(join(directory, "mkosi/machine"));
    expect(existsSync(records ?? "")).toBe(true);
    writeFileSync(join(directory, "file"), "");
    expect(await recordsDirectory(1234, { XDG_RUNTIME_DIR: join(directory, "file") })).toBeUndefined();
  });

  test.each([true, false])("is made by a machine with a vsock (named twice: %s)", async (twice) => {
    const records = join(makeProject({ records: {} }), "records");
    if (twice) await keepRecord(records, record("test"));
    let seen: Record<string, unknown> = {};
    let sockets: string[] = [];
    const { context, said } = play(
      { format: "disk", kvm: "disabled", sshKey: "/project/mkosi.key" },
      async (qemu) => {
        await qemu.boot();
        seen = JSON.parse(readFileSync(join(records, "test.json"), "utf8"));
        sockets = readdirSync(records).filter((name) => name !== "test.json");
        qemu.end(0);
      },
      { records },
    );
    const root = context.toolbox.kind === "tree" ? context.toolbox.root : "";
    mkdirSync(join(root, "usr/lib/systemd"), { recursive: true });
    writeFileSync(join(root, PROXY), "");
    expect(await runMachine(context)).toBe(0);
    expect(sockets).toHaveLength(1);
    if (twice) {
      expect(said.join()).toContain("Another machine named test runs");
      expect(seen["SshKey"]).toBe("/key");
    } else {
      expect(seen).toMatchObject({ Machine: "test", Pid: process.pid, SshKey: "/project/mkosi.key" });
      expect(seen["ProxyCommand"]).toContain(`vsock-mux${join(records, sockets[0] ?? "", "vsock")}`);
    }
    expect(readdirSync(records)).toEqual(twice ? ["test.json"] : []);
  });
});

describe("a machine that does not answer yet", () => {
  const machine: MachineRecord = {
    machine: "m",
    process: process.pid,
    proxy: { command: "proxy", passesDescriptor: false },
    key: null,
  };
  /** ssh that says these things, one each time; the last one is the login. */
  const talk = async (answers: readonly string[], record = machine) => {
    const left = [...answers];
    const said: string[] = [];
    const runner = {
      run: async () => ({ stdout: "" }),
      start: async () => {
        const words = left.shift() ?? "";
        const stop = async () => {};
        return {
          ...{ pid: 1, finished: Promise.resolve(words === "in" ? 5 : 255), tail: () => words, stop },
          [Symbol.asyncDispose]: stop,
        };
      },
    };
    const status = await runSsh(record, {
      ...{ runner, toolbox: toolbox(), args: [], environment: {}, directory: "/" },
      signal: new AbortController().signal,
      say: (text) => said.push(text),
    });
    return { status, said, left };
  };

  test("is waited for, with a word about it; then the status is the command's", async () => {
    expect(
      await talk(["kex_exchange_identification: Connection closed", "Permission denied (publickey).", "in"]),
    ).toEqual({
      ...{ status: 5, left: [] },
      said: ["Waiting until the machine m answers to ssh (at most 180 seconds)"],
    });
    expect((await talk(["Permission denied (publickey).", "in"])).said).toEqual([]);
  });

  test("and has ended is an error", async () => {
    await expect(talk(["closed"], { ...machine, process: 0x7fff_fff0 })).rejects.toThrow("the machine m has ended");
  });
});
