import { lstat, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  configureAutologin,
  prepareTree,
  removeMachineState,
  setFields,
  writeInitrdFiles,
  writeOsReleaseFields,
} from "../../src/tools/identity.ts";
import { makeContext, makeDirectory, writeTree } from "../support/tree.ts";

test("sets fields of os-release in place and adds the missing ones", () => {
  const fields = new Map([
    ["IMAGE_ID", "box"],
    ["ID", 'de"b$ian'],
  ]);
  expect(setFields("# a comment\nID=debian\n\nNAME=x", fields)).toBe(
    '# a comment\nID="de\\"b\\$ian"\n\nNAME=x\nIMAGE_ID="box"\n',
  );
  expect(setFields("", fields)).toBe('IMAGE_ID="box"\nID="de\\"b\\$ian"\n');
});

test("writes os-release where it is a file of its own", async () => {
  const context = await makeContext(
    { imageId: "box", imageVersion: "1.2", hostname: "host" },
    { "usr/lib/os-release": "ID=debian\n", "etc/": "" },
  );
  await writeOsReleaseFields(context);
  expect(await readFile(join(context.root, "usr/lib/os-release"), "utf8")).toBe(
    'ID=debian\nIMAGE_ID="box"\nIMAGE_VERSION="1.2"\nDEFAULT_HOSTNAME="host"\n',
  );
  await expect(lstat(join(context.root, "etc/os-release"))).rejects.toThrow("ENOENT");
});

test("prepares a tree for packages", async () => {
  const context = await makeContext();
  await prepareTree(context);
  await prepareTree(context);
  expect(await readFile(join(context.root, "etc/machine-id"), "utf8")).toBe("uninitialized\n");
  expect((await stat(join(context.root, "etc/machine-id"))).mode & 0o777).toBe(0o444);
  expect((await stat(join(context.root, "efi"))).mode & 0o777).toBe(0o500);
  expect(await readFile(join(context.root, "boot/loader/entries.srel"), "utf8")).toBe("type1\n");
});

test("writes a fixed machine id without dashes, and keeps one that is there otherwise", async () => {
  const context = await makeContext(
    { machineId: "0e6b3ba1-0dc4-4f0f-9c4f-c1ad9e0f1a9b" },
    { "etc/machine-id": "other\n" },
  );
  await prepareTree(context);
  expect(await readFile(join(context.root, "etc/machine-id"), "utf8")).toBe("0e6b3ba10dc44f0f9c4fc1ad9e0f1a9b\n");
  const kept = await makeContext({}, { "etc/machine-id": "mine\n" });
  await prepareTree(kept);
  expect(await readFile(join(kept.root, "etc/machine-id"), "utf8")).toBe("mine\n");
});

test("marks an initrd, and links /init only to a systemd that is there", async () => {
  const context = await makeContext({ makeInitrd: true }, { "usr/lib/systemd/systemd": "", "etc/": "" });
  await writeInitrdFiles(context);
  expect(await readlink(join(context.root, "init"))).toBe("/usr/lib/systemd/systemd");
  expect(await readlink(join(context.root, "etc/initrd-release"))).toBe("/etc/os-release");
  expect((await stat(join(context.root, "usr/lib/clock-epoch"))).size).toBe(0);
  const plain = await makeContext({}, { "usr/lib/x": "" });
  await writeInitrdFiles(plain);
  await expect(lstat(join(plain.root, "init"))).rejects.toThrow("ENOENT");
  await expect(lstat(join(plain.root, "etc/initrd-release"))).rejects.toThrow("ENOENT");
});

test("removes what belongs to one machine", async () => {
  const root = makeDirectory();
  await writeTree(root, { "var/lib/dbus/machine-id": "x", "etc/machine-info": "x", "etc/machine-id": "x" });
  await removeMachineState(root);
  await expect(lstat(join(root, "var/lib/dbus/machine-id"))).rejects.toThrow("ENOENT");
  await expect(lstat(join(root, "etc/machine-info"))).rejects.toThrow("ENOENT");
  expect(await readFile(join(root, "etc/machine-id"), "utf8")).toBe("x");
});

test("logs root in on the consoles when asked to", async () => {
  const context = await makeContext({ autologin: true }, { "usr/lib/": "" });
  await configureAutologin(context);
  const dropIn = await readFile(
    join(context.root, "usr/lib/systemd/system/console-getty.service.d/autologin.conf"),
    "utf8",
  );
  expect(dropIn).toContain(
    "ExecStart=-agetty -o '-f -p -- \\\\u' --autologin root --noclear --keep-baud console 115200,38400,9600 $TERM\n",
  );
});
