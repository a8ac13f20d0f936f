// ssh into a machine of Debian trixie, over a vsock: by the units of Ssh=always, as the image's systemd is kept from making
// its own. Then the verbs that look into an image that has run. Emulated, this takes minutes: with --all only.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { type Snapshot, takeSnapshot } from "../support/cleanliness.ts";
import { type Finished, mkosi, mkosiOk } from "../support/mkosi.ts";
import { type Tree, writeTree } from "../support/project.ts";

const PROJECT: Tree = {
  "mkosi.conf": `
[Distribution]
Distribution=debian
Release=trixie

[Output]
Format=directory

[Content]
Bootable=no
Packages=linux-image-cloud-amd64,systemd-sysv,udev,openssh-server
Ssh=always
RemoveFiles=/usr/lib/systemd/system-generators/systemd-ssh-generator

[Build]
ToolsTree=default

[Runtime]
Machine=ssh-test
RAM=1G
TPM=no
KVM=no
Console=read-only
Firmware=linux-noinitrd
`,
};

const all = process.env["MKOSI_TEST_ALL"] === "1";
const WITHIN_MS = 240_000;

describe.skipIf(process.getuid?.() !== 0 || process.arch !== "x64" || !all)("ssh, with --all only", () => {
  let cwd = "";
  let before: Snapshot;
  let kernel = "";

  beforeAll(async () => {
    cwd = mkdtempSync("/tmp/mkosi-test-");
    writeTree(cwd, PROJECT);
    // As genkey makes them.
    const key = ["-newkey", "rsa:2048", "-keyout", "mkosi.key", "-out", "mkosi.crt", "-nodes", "-subj", "/CN=test"];
    execFileSync("openssl", ["req", "-new", "-x509", ...key], { cwd, stdio: "ignore" });
    execFileSync("chmod", ["0600", "mkosi.key"], { cwd });
    await mkosiOk([], { cwd });
    kernel = join(
      cwd,
      "image/boot",
      readdirSync(join(cwd, "image/boot")).find((name) => name.startsWith("vmlinuz")) ?? "",
    );
    before = takeSnapshot();
    return () => rmSync(cwd, { recursive: true, force: true });
  });

  test("without a machine it says so", async () => {
    const { status, stderr } = await mkosi(["ssh"], { cwd });
    expect([status, stderr]).toEqual([1, expect.stringContaining("no machine named ssh-test runs")]);
  });

  test("input, output and status are those of the command in the machine", async () => {
    let over = false;
    const machine = mkosi([`--linux=${kernel}`, "vm"], { cwd, timeout: 400 }).finally(() => {
      over = true;
    });
    const log = async (): Promise<Finished> => {
      const deadline = Date.now() + WITHIN_MS;
      for (;;) {
        const command = "cat; cat /proc/sys/kernel/ostype; systemctl is-active mkosi-sshd-vsock.socket; exit 3";
        const result = await mkosi(["ssh", "--", command], { cwd, input: "input\n", timeout: 60 });
        if (result.status === 3 || over || Date.now() > deadline) return result;
        await delay(3000);
      }
    };
    expect(await log()).toMatchObject({ status: 3, stdout: "input\nLinux\nactive\n" });
    await mkosi(["ssh", "systemctl", "poweroff"], { cwd, timeout: 60 });
    expect((await machine).status).toBe(0);
    expect(await before.leftovers()).toEqual([]);
  });
});
