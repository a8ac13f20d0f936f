import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runFirstboot } from "../../src/tools/firstboot.ts";
import { makeContext } from "../support/tree.ts";

test("sets what is configured and leaves credentials for it", async () => {
  const settings = {
    locale: "C.UTF-8",
    keymap: "us",
    timezone: "Europe/Berlin",
    hostname: "box",
    rootShell: "/bin/sh",
  };
  const context = await makeContext(
    { ...settings, rootPassword: { password: "secret", hashed: false } },
    { "usr/lib/": "" },
    () => "$6$hash\n",
  );
  await runFirstboot(context);
  expect(context.runner.commands()).toEqual([
    "openssl passwd -6 -stdin",
    "systemd-firstboot --root=/buildroot --force --locale=C.UTF-8 --keymap=us --timezone=Europe/Berlin --hostname=box --root-shell=/bin/sh",
  ]);
  // not on the command line
  const { env, mounts } = context.runner.specs[1] ?? {};
  expect(env).toMatchObject({ CREDENTIALS_DIRECTORY: "/credentials" });
  expect(mounts).toContainEqual({
    ...{ type: "file", content: "$6$hash", target: "/credentials/passwd.hashed-password.root" },
  });
  expect(context.runner.specs[0]?.input).toBe("secret\n");
  const store = join(context.root, "usr/lib/credstore");
  expect((await readdir(store)).toSorted()).toEqual([
    "firstboot.keymap",
    "firstboot.locale",
    "firstboot.timezone",
    "passwd.hashed-password.root",
    "passwd.shell.root",
  ]);
  expect(await readFile(join(store, "passwd.hashed-password.root"), "utf8")).toBe("$6$hash");
  expect((await stat(join(store, "passwd.hashed-password.root"))).mode & 0o777).toBe(0o600);
  expect((await stat(join(store, "firstboot.locale"))).mode & 0o777).toBe(0o644);
});

test("takes an empty hash for an account without a password", async () => {
  const context = await makeContext({ rootPassword: { password: "", hashed: true } });
  await runFirstboot(context);
  expect(context.runner.commands()).toEqual(["systemd-firstboot --root=/buildroot --force --root-password-hashed="]);
});

test("leaves no credentials in an initrd, and runs nothing without settings", async () => {
  const context = await makeContext({ format: "cpio", makeInitrd: true, locale: "C.UTF-8" }, { "usr/lib/": "" });
  await runFirstboot(context);
  expect(await readdir(join(context.root, "usr/lib"))).toEqual([]);
  const plain = await makeContext();
  await runFirstboot(plain);
  expect(plain.runner.commands()).toEqual([]);
});
