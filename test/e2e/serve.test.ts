// serve: builds the image, offers it at the port of the original until it is interrupted, and leaves nothing behind.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { takeSnapshot } from "../support/cleanliness.ts";
import { type Finished, mkosi, type RunOptions } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";
import { unprivilegedUser } from "../support/user.ts";

const CONF =
  "[Distribution]\nDistribution=custom\n[Output]\nFormat=tar\nCompressOutput=no\n[Validation]\nChecksum=yes\n[Build]\nToolsTree=default\n";
const SITE = "http://localhost:8081";

/** Runs it, and what is to be done while it runs; then a signal as by Ctrl-C. */
async function whileServing(options: RunOptions, work: () => Promise<void>): Promise<Finished> {
  let failed: unknown;
  let asked = false;
  const result = await mkosi(["serve"], {
    ...options,
    timeout: 600,
    onOutput(text, child) {
      if (asked || !text.includes("is offered at")) return;
      asked = true;
      void work()
        .catch((error: unknown) => {
          failed = error;
        })
        .finally(() => child.kill("SIGINT"));
    },
  });
  if (failed !== undefined) throw failed;
  return result;
}

const fetchText = async (path: string) => await (await fetch(`${SITE}${path}`)).text();

test("an image and its checksums are fetched, and what is no output is not", async () => {
  const cwd = makeProject({
    "mkosi.conf": CONF,
    notes: "private",
    "mkosi.skeleton": { usr: { lib: { "os-release": "ID=mine\n" } } },
  });
  const before = takeSnapshot();
  const { status, stderr } = await whileServing({ cwd }, async () => {
    const image = Buffer.from(await (await fetch(`${SITE}/image.tar`)).arrayBuffer());
    expect(image).toEqual(readFileSync(join(cwd, "image.tar")));
    const sum = createHash("sha256").update(image).digest("hex");
    expect(await fetchText("/SHA256SUMS")).toContain(`${sum} *image.tar`);
    expect(await fetchText("/")).not.toContain("mkosi");
    expect((await fetch(`${SITE}/notes`)).status).toBe(404);
    // An own directory for outputs is another matter, but the port is taken.
    const second = await mkosi(["serve"], { cwd });
    expect([second.status, second.stderr]).toEqual([1, expect.stringContaining("port 8081 is in use already")]);
  });
  expect([status, stderr]).toEqual([0, expect.stringContaining(`${cwd} is offered at ${SITE}/`)]);
  expect(await before.leftovers()).toEqual([]);
  await new Promise<void>((free, taken) => {
    const probe = createServer().once("error", taken);
    probe.listen(8081, () => probe.close(() => free()));
  });
});

const user = unprivilegedUser();

test.skipIf(typeof user === "string")("a user serves a directory of outputs as a whole", async () => {
  if (typeof user === "string") throw new Error(user);
  const cwd = makeProject({ "mkosi.conf": CONF, "mkosi.output": { "image_older.raw": "older" } });
  execFileSync("chown", ["-R", user.name, cwd]);
  const { status } = await whileServing({ cwd, user }, async () =>
    expect(await fetchText("/image_older.raw")).toBe("older"),
  );
  expect(status).toBe(0);
});

test("StorageTargetMode=yes is an error where there is no disk", async () => {
  const cwd = makeProject({ "mkosi.conf": CONF, "image.tar": "x" });
  const { status, stderr } = await mkosi(["--storage-target-mode=yes", "serve"], { cwd });
  expect([status, stderr]).toEqual([1, expect.stringContaining("the image is no disk (Format=tar)")]);
});

// Without modules this kernel has no NVMe target; elsewhere the disk would be offered to the network.
test.skipIf(process.getuid?.() !== 0 || existsSync("/proc/modules"))(
  "StorageTargetMode=yes is an error where the kernel cannot do it, auto is not",
  async () => {
    const cwd = makeProject({ "mkosi.conf": CONF.replace("tar", "disk"), "image.raw": "a disk" });
    const { status, stderr } = await mkosi(["--storage-target-mode=yes", "serve"], { cwd });
    expect([status, stderr]).toEqual([1, expect.stringContaining("systemd-storagetm has ended")]);
    const auto = await whileServing({ cwd }, async () => expect(await fetchText("/image.raw")).toBe("a disk"));
    expect(auto.status).toBe(0);
  },
);
