// mkosi doctor on machines that lack something: for real, by hiding it.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { installCommand, packageWith } from "../../src/facts/host-packages.ts";
import { CHECKOUT, mkosi, run } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";
import { unprivilegedUser } from "../support/user.ts";

interface Finding {
  readonly topic: string;
  readonly level: string;
  readonly text: string;
  readonly remedy?: string;
}

const CONF = "[Distribution]\nDistribution=custom\n[Output]\nFormat=none\n";
const isRoot = process.getuid?.() === 0;
const user = unprivilegedUser();

/** @param before what makes the machine another one, ending with what runs a command line */
async function doctor(before: readonly string[], ...options: readonly string[]) {
  const cwd = makeProject({ "mkosi.conf": CONF });
  execFileSync("chmod", ["755", cwd]);
  const checkout = typeof user === "string" ? CHECKOUT : user.checkout;
  const argv = [...before, process.execPath, join(checkout, "bin/mkosi"), "--json", ...options, "doctor"];
  const { status, stdout } = await run(argv, { cwd, env: { XDG_CACHE_HOME: undefined } });
  const findings = JSON.parse(stdout) as readonly Finding[];
  return { status, of: (topic: string) => findings.filter((each) => each.topic === topic) };
}

test("here images can be built, in words", async () => {
  const { status, stdout } = await mkosi(["doctor"], { cwd: makeProject({ "mkosi.conf": CONF }) });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^✓ mode +building works as /);
  expect(stdout).toMatch(/^✓ OutputDirectory= +\S+: .* free \(\w+\)$/m);
  expect(stdout).toMatch(/\n\nImages can be built on this machine\.\n$/);
});

test.skipIf(typeof user === "string")("a user with subordinate ids can build", async () => {
  if (typeof user === "string") return;
  const { status, of } = await doctor(user.command);
  expect([status, of("mode")[0]]).toEqual([
    0,
    { topic: "mode", level: "ok", text: `building works as user ${user.name}, with subordinate ids` },
  ]);
});

test.skipIf(!isRoot)("a user without them is told how to get them", async () => {
  const { status, of } = await doctor(["setpriv", "--reuid=games", "--regid=60", "--clear-groups"]);
  expect(status).toBe(1);
  expect(of("mode")[0]).toMatchObject({
    level: "error",
    text: expect.stringContaining("games has no 65536 subordinate"),
  });
  expect(of("mode")[0]?.remedy).toContain("usermod --add-subuids");
});

test.skipIf(!isRoot)("one id is not enough, and forbidden namespaces are named", async () => {
  const forbid = 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"';
  const { status, of } = await doctor(["unshare", "--user", "--map-root-user", "sh", "-c", forbid, "sh"]);
  expect(status).toBe(1);
  const [mode, restriction] = of("mode");
  expect(mode).toMatchObject({ level: "error", text: expect.stringContaining("only 1 user ids") });
  expect(restriction).toMatchObject({
    level: "note",
    remedy: expect.stringContaining("user.max_user_namespaces=15000"),
  });
});

test.skipIf(!isRoot)("without bubblewrap nothing can be built", async () => {
  const hide = 'for path in /usr/bin/bwrap /bin/bwrap; do mount --bind /dev/null $path; done; exec "$@"';
  const { status, of } = await doctor(["unshare", "--mount", "sh", "-c", hide, "sh"]);
  expect(status).toBe(1);
  expect(of("programs")[0]).toMatchObject({ level: "error", text: "missing: bwrap" });
  expect(of("programs")[0]?.remedy).toMatch(/install .*bubblewrap|bubblewrap/);
});

test.skipIf(!isRoot)("a workspace on an overlay, and little space, are no good", async () => {
  const mounts = `mount -t tmpfs -o size=64m tmpfs /mnt; mkdir /mnt/lower /mnt/upper /mnt/work /mnt/tree
    mount -t overlay overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work /mnt/tree; exec "$@"`;
  const { status, of } = await doctor(
    ["unshare", "--mount", "sh", "-ec", mounts, "sh"],
    ...["--workspace-directory=/mnt/tree", "--package-cache-directory=/mnt/lower"],
  );
  expect(status).toBe(0);
  expect(of("WorkspaceDirectory=")[0]).toMatchObject({
    level: "warning",
    text: expect.stringContaining("(overlayfs)"),
  });
  expect(of("PackageCacheDirectory=")[0]).toMatchObject({
    level: "warning",
    text: expect.stringMatching(/\(tmpfs\): most/),
  });
});

test("packages have the names of the distribution", () => {
  expect(packageWith("newuidmap", "apt")).toBe("uidmap");
  expect(packageWith("newuidmap", "pacman")).toBe("shadow");
  expect(packageWith("no-such-program", "dnf")).toBe("no-such-program");
  expect(installCommand(["mount", "bwrap", "unshare"], "dnf")).toBe("as root: dnf install bubblewrap util-linux");
});
