// boot and shell: an image of Debian trixie in a container of systemd-nspawn, from a directory and from a disk. What is
// configured is seen from inside, and nothing is left of it outside. Then journalctl and coredumpctl look into it.

import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Snapshot, takeSnapshot } from "../support/cleanliness.ts";
import { endsMachine } from "../support/ends-machine.ts";
import { CHECKOUT, type Finished, mkosi, mkosiOk, run } from "../support/mkosi.ts";
import { makeProject, type Tree, writeTree } from "../support/project.ts";
import { keptToolsTree } from "../support/tools-tree.ts";
import { unprivilegedUser } from "../support/user.ts";

const STATUS = 7;

const PROJECT: Tree = {
  "mkosi.conf": `
[Distribution]
Distribution=debian
Release=trixie

[Output]
Format=directory

[Content]
Bootable=no
Packages=systemd,udev,dbus
KernelCommandLine=mkosi.test=1

[Build]
ToolsTree=default

[Runtime]
Machine=the_test
`,
  "mkosi.nspawn": "[Exec]\nHostname=from-settings\n",
  sources: { source: "the source" },
  "mkosi.extra": {
    usr: {
      lib: {
        systemd: {
          system: {
            "report.target": "[Unit]\nRequires=report.service basic.target\nAfter=basic.target\n",
            "report.service": `[Unit]
After=basic.target
${endsMachine(STATUS)}
[Service]
Type=oneshot
ImportCredential=greeting
StandardOutput=journal+console
ExecStart=sh /usr/lib/report
`,
          },
        },
        report: `set -e
greeting=$(cat $CREDENTIALS_DIRECTORY/greeting)
echo "credential: $greeting, host: $(uname -n)"
echo "init: $(tr '\\0' ' ' < /proc/1/cmdline)"
echo "environment: $(tr '\\0' ' ' < /proc/1/environ)"
echo "tree: $(stat -c %u:%g /mnt/shared/file) $(cat /mnt/shared/file)"
echo "sources: $(cat /work/src/sub/source)"
echo written > /mnt/shared/result
touch /changed
`,
      },
    },
  },
};

const user = unprivilegedUser();
const noUser = typeof user === "string";
const python = spawnSync("python3", ["--version"]).status === 0;

describe.skipIf(process.getuid?.() !== 0)("containers, which take root", () => {
  let cwd = "";
  let before: Snapshot;

  beforeAll(async () => {
    // What makeProject removes at a test's end is needed by all tests here.
    cwd = mkdtempSync("/tmp/mkosi-test-");
    writeTree(cwd, PROJECT);
    mkdirSync(join(cwd, "shared"));
    writeFileSync(join(cwd, "shared/file"), "from the host");
    execFileSync("chown", ["-R", "1234:1234", join(cwd, "shared")]);
    await mkosiOk([], { cwd });
    before = takeSnapshot([cwd], ["x.journal"]);
    return () => rmSync(cwd, { recursive: true, force: true });
  });

  const clean = async (): Promise<void> => {
    expect(await before.leftovers()).toEqual([]);
    expect(ownControlGroups()).toEqual([]);
  };

  const report = async (...args: readonly string[]): Promise<Finished> =>
    await mkosi([...args, "boot", "systemd.unit=report.target"], { cwd, timeout: 120 });

  test("a settings file is put beside the image", () => {
    expect(readFileSync(join(cwd, "image.nspawn"), "utf8")).toContain("from-settings");
  });

  test("boot: what is configured arrives inside, and the exit status is the guest's", async () => {
    const { status, stdout, stderr } = await report(
      ...["--ephemeral=yes", "--credential=greeting=hello", "--kernel-command-line-extra=FOO-BAR=baz a.b=c"],
      ...["--runtime-tree=shared:/mnt/shared", "--build-sources=sources:sub", "--runtime-build-sources=yes"],
      ...["--forward-journal=x.journal"],
    );
    expect({ status, stdout, stderr: status === STATUS ? "" : stderr }).toMatchObject({ status: STATUS, stderr: "" });
    expect(stdout).toContain("credential: hello, host: from-settings");
    expect(stdout).toMatch(
      /init: \S+systemd systemd\.unit=report\.target mkosi\.test=1 systemd\.wants=network\.target a\.b=c/,
    );
    expect(stdout).toMatch(/environment: .*FOO_BAR=baz/);
    expect(stdout).toContain("tree: 0:0 from the host");
    expect(stdout).toContain("sources: the source");
    expect(statSync(join(cwd, "shared/result"))).toMatchObject({ uid: 1234, gid: 1234 });
    expect(existsSync(join(cwd, "image/changed"))).toBe(false);
    const journal = join(keptToolsTree(), "usr/bin/journalctl");
    expect(existsSync(journal) && readFileSync(join(cwd, "x.journal")).includes("tree: 0:0 from the host")).toBe(true);
    await clean();
  });

  test("boot: a unit that fails has its status, too, and changes stay without Ephemeral=", async () => {
    const failed = await report("--runtime-tree=shared:/mnt/shared");
    expect(failed.status).toBe(99);
    const args = [
      "--credential=greeting=x",
      "--runtime-tree=shared:/mnt/shared",
      "--runtime-tree=sources:/work/src/sub",
    ];
    expect((await report(...args)).status).toBe(STATUS);
    expect(existsSync(join(cwd, "image/changed"))).toBe(true);
    const journal = await mkosiOk(["journalctl", "--", "-o", "cat", "-u", "report.service"], { cwd });
    expect(journal.stdout).toContain("credential: x, host: from-settings");
    await clean();
  });

  test("what cannot keep a journal is not looked into; the status is the program's", async () => {
    const none = await mkosi(["coredumpctl"], { cwd });
    expect([none.status, none.stdout + none.stderr]).toEqual([1, expect.stringContaining("No coredumps found")]);
    const refused = async (option: string, message: string): Promise<void> => {
      const { status, stderr } = await mkosi([option, "journalctl"], { cwd });
      expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
    };
    await refused("--ephemeral=yes", "so nothing that journalctl could show stays in it");
    await refused("--format=tar", "journalctl cannot look into image main: its format is tar");
    await refused("--output=other", "/other does not exist");
  });

  test("shell: a command's standard streams and status come back", async () => {
    const script = "cat; echo to-stderr >&2; grep NoNewPrivs /proc/self/status; exit 5";
    const result = await mkosi(["shell", "--", "sh", "-c", script], { cwd, input: "through\n" });
    expect(result).toMatchObject({ status: 5, stdout: "through\nNoNewPrivs:\t0\n" });
    expect(result.stderr).toContain("to-stderr");
    const name = await mkosi(["shell", "--", "--setenv=ADDED=1", "sh", "-c", "echo added $ADDED; uname -n"], {
      cwd,
    });
    expect(name.stdout).toContain("added 1");
    expect(name.stdout).toContain("from-settings");
    await clean();
  });

  test.each([
    ["none", "lo"],
    ["interface", "host0 lo"],
  ])("shell: RuntimeNetwork=%s", async (network, interfaces) => {
    const { stdout } = await mkosiOk([`--runtime-network=${network}`, "shell", "--", "ls", "/sys/class/net"], { cwd });
    expect(stdout.trim().split(/\s+/).toSorted().join(" ")).toBe(interfaces);
    await clean();
  });

  test.skipIf(noUser)("shell: BindUser= brings the user who calls and the home directory", async () => {
    if (noUser) throw new Error(user);
    const options = { cwd, env: { LOGNAME: user.name } };
    const { stdout } = await mkosiOk(
      ["--bind-user=yes", "shell", "--", "ls", "/run/host/home", "/run/host/userdb"],
      options,
    );
    expect(stdout).toContain(`${user.name}.user`);
    expect(stdout).toContain(`${user.name}:wheel.membership`);
    await clean();
  });

  test("an image that is in use is not started again, unless each has its snapshot", async () => {
    const second: Promise<Finished>[] = [];
    const start = (args: readonly string[], command: readonly string[]) =>
      mkosi([...args, "shell", "--", ...command], {
        cwd,
        onOutput: () => {
          if (second.length === 0) second.push(mkosi([...args, "shell", "--", "true"], { cwd }));
        },
      });
    expect((await start([], ["sh", "-c", "echo started; sleep 3"])).status).toBe(0);
    expect(await second.pop()).toMatchObject({ status: 1, stderr: expect.stringContaining("is in use") });
    expect((await start(["--ephemeral=yes"], ["sh", "-c", "echo started; sleep 3"])).status).toBe(0);
    expect(await second.pop()).toMatchObject({ status: 0 });
    await clean();
  });

  test("a workspace on disk is left as empty as it was", async () => {
    const workspace = makeProject({});
    const args = ["--ephemeral=yes", `--workspace-directory=${workspace}`, "shell", "--", "touch", "/new"];
    await mkosiOk(args, { cwd });
    expect(readdirSync(workspace)).toEqual([]);
    expect(existsSync(join(cwd, "image/new"))).toBe(false);
    await clean();
  });

  test("a guest that reboots is started again", async () => {
    const script = "test -e /again && exit 3; touch /again; systemctl reboot; sleep infinity";
    const args = [
      `systemd.run=sh -c "${script}"`,
      "systemd.run_failure_action=exit",
      "systemd.run_success_action=none",
    ];
    const { status } = await mkosi(["--ephemeral=yes", "boot", "--", ...args], { cwd, timeout: 120 });
    expect(status).toBe(3);
    await clean();
  });

  test.each(["SIGTERM", "SIGINT"] as const)("%s shuts the guest down in order", async (signal) => {
    let sent = false;
    const { status, stdout } = await mkosi(["--ephemeral=yes", "boot"], {
      cwd,
      timeout: 120,
      onOutput: (text, child) => {
        if (sent || !/multi-user|graphical/.test(text)) return;
        sent = true;
        child.kill(signal);
      },
    });
    expect(status).toBe(signal === "SIGINT" ? 130 : 143);
    expect(stdout).toMatch(/Powering off|Halting system|Reached target.*(halt|poweroff)\.target/);
    await clean();
  });

  test("killed outright, nothing of it goes on", async () => {
    let sent = false;
    await mkosi(["--ephemeral=yes", "boot"], {
      cwd,
      timeout: 120,
      onOutput: (text, child) => {
        if (sent || !/multi-user|graphical/.test(text)) return;
        sent = true;
        child.kill("SIGKILL");
      },
    });
    expect(sent).toBe(true);
    expect(await before.leftovers(20)).toEqual([]);
    await expect.poll(ownControlGroups, { timeout: 20_000 }).toEqual([]);
  });

  test.skipIf(!python)("on a terminal keys reach the guest, Ctrl-C too, and it is put back in order", async () => {
    const shell = await onTerminal(
      cwd,
      ["shell"],
      [
        // A program that is running when it says so: between two, bash would take Ctrl-C for itself.
        ["# ", "stty size; sh -c 'echo $((40 + 2))-answer; exec sleep 100'\n"],
        ["42-answer", "\x03"],
        ["# ", "exit 9\n"],
      ],
    );
    expect(shell).toMatchObject({ status: 9, restored: true, seen: expect.stringContaining("40 123") });
    const escaped = await onTerminal(cwd, ["--ephemeral=yes", "boot"], [["login:", "\x1d\x1d\x1d"]]);
    expect(escaped).toMatchObject({ status: 1, restored: true });
    const killed = await onTerminal(cwd, ["--ephemeral=yes", "boot"], [["login:", { signal: 15 }]]);
    expect(killed).toMatchObject({ status: 143, restored: true });
    await clean();
  });

  test.skipIf(noUser)("without root it is said what is missing, before anything is built", async () => {
    if (noUser) throw new Error(user);
    const place = makeProject({ "mkosi.conf": "[Output]\nFormat=directory\n" });
    const { status, stderr } = await mkosi(["boot"], { cwd: place, user });
    expect(status).toBe(1);
    expect(stderr).toContain("you are not root");
    expect(stderr).toContain("systemd-nsresourced and systemd-mountfsd");
    expect(readdirSync(place)).toEqual(["mkosi.conf"]);
  });

  test.skipIf(noUser)("a user looks into a directory without root, and not into a disk", async () => {
    if (noUser) throw new Error(user);
    const place = makeProject({ "mkosi.conf": PROJECT["mkosi.conf"] ?? "", image: { var: {} }, "image.raw": "x" });
    execFileSync("chown", ["-R", user.name, place]);
    const { status, stdout, stderr } = await mkosi(["journalctl"], { cwd: place, user });
    expect([status, stdout + stderr]).toEqual([0, expect.stringMatching(/No journal files were found|No entries/)]);
    const disk = await mkosi(["-t", "disk", "journalctl"], { cwd: place, user });
    expect([disk.status, disk.stderr]).toEqual([1, expect.stringContaining("which takes root")]);
  });

  test.skipIf(!existsSync("/dev/loop-control"))("a disk image, and its snapshot, grown", async () => {
    const place = mkdtempSync("/tmp/mkosi-test-");
    try {
      writeTree(place, PROJECT);
      const script = "stat -f -c %T / ; cat /sys/class/block/loop*/size | sort -n | tail -n 1; touch /changed; exit 4";
      const args = ["-t", "disk", "--ephemeral=yes", "--runtime-size=1G", "shell", "--", "sh", "-c", script];
      const first = await mkosi(args, { cwd: place });
      expect(first).toMatchObject({ status: 4, stdout: `ext2/ext3\n${2 ** 30 / 512}\n` });
      expect(statSync(join(place, "image.raw")).size).toBeLessThan(2 ** 30);
      const second = await mkosi(["-t", "disk", "shell", "--", "sh", "-c", "ls /changed; touch /kept"], { cwd: place });
      expect(second.stderr).toContain("/changed");
      const third = await mkosi(["-t", "disk", "shell", "--", "ls", "/kept"], { cwd: place });
      expect(third).toMatchObject({ status: 0, stdout: "/kept\n" });
      await mkosi(["-t", "disk", "boot", "systemd.unit=report.target"], { cwd: place, timeout: 120 });
      const journal = await mkosiOk(["-t", "disk", "journalctl", "--", "-o", "cat", "-u", "report.service"], {
        cwd: place,
      });
      expect(journal.stdout).toContain("report.service: Main process exited");
      expect(readdirSync(place).filter((name) => name.includes("ephemeral"))).toEqual([]);
      await clean();
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  });
});

interface Seen {
  readonly status: number;
  readonly restored: boolean;
  readonly seen: string;
}

async function onTerminal(
  cwd: string,
  args: readonly string[],
  steps: readonly (readonly [string, string | { readonly signal: number }])[],
): Promise<Seen> {
  const program = [process.execPath, join(CHECKOUT, "bin/mkosi"), ...args];
  const script = resolve(import.meta.dirname, "../support/terminal.py");
  const { stdout, stderr } = await run(["python3", script, JSON.stringify(steps), ...program], {
    cwd,
    env: { TERM: "xterm" },
    timeout: 200,
  });
  if (stderr !== "") throw new Error(stderr);
  const result = JSON.parse(stdout) as Seen;
  // A death by mkosi's own signal status.
  return result.status < 0 ? { ...result, status: 128 - result.status } : result;
}

/** Those that a container of ours has left, wherever this machine has its unified hierarchy. */
function ownControlGroups(): string[] {
  const group = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1] ?? "/";
  return ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
    .map((place) => join(place, group))
    .filter((place) => existsSync(join(place, "cgroup.procs")))
    .flatMap((place) => readdirSync(place).filter((name) => name.startsWith("mkosi-")));
}
