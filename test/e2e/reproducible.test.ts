// With SourceDateEpoch= and Seed=, a project is the same bytes whoever builds it, where, when and with which umask: once as
// root, then in another directory as a user. With --all also with a kernel, unified kernel images and a bootable disk.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mkosiOk, type RunOptions } from "../support/mkosi.ts";
import { makeProject, type Tree } from "../support/project.ts";
import { keptToolsTree } from "../support/tools-tree.ts";
import { unprivilegedUser } from "../support/user.ts";

const all = process.env["MKOSI_TEST_ALL"] === "1";
const user = unprivilegedUser();
const missing = typeof user === "string" ? user : process.getuid?.() === 0 ? undefined : "needs root";

const EPOCH = 1_700_000_000;

/** On top of the tree that is installed once. */
function image(format: string, { content = "", repart = {} }: { content?: string; repart?: Tree } = {}): Tree {
  return {
    "mkosi.conf": `[Config]
Dependencies=tree
[Output]
Format=${format}
Seed=6f2a0d3c-54a6-4c53-9b0e-5b1ad0e0a002
${format === "sysext" ? "Overlay=yes" : ""}
[Content]
BaseTrees=%O/tree
${content === "" ? "Bootable=no" : content}
`,
    ...(Object.keys(repart).length === 0 ? {} : { "mkosi.repart": repart }),
  };
}

/** A root of a read-only file system with verity. */
function verity(format: string): Tree {
  return {
    "10-root.conf": `[Partition]\nType=root\nFormat=${format}\nCopyFiles=/\nMinimize=best\nVerity=data\nVerityMatchKey=root\n`,
    "20-verity.conf": "[Partition]\nType=root-verity\nVerity=hash\nVerityMatchKey=root\nMinimize=best\n",
  };
}

const images: Tree = {
  ...{ tar: image("tar"), cpio: image("cpio"), oci: image("oci"), disk: image("disk") },
  sysext: image("sysext", { content: "Packages=less\nBootable=no" }),
  erofs: image("disk", { repart: verity("erofs") }),
  squashfs: image("disk", { repart: verity("squashfs") }),
  ...(all
    ? {
        uki: image("uki"),
        esp: image("esp", { content: "Bootable=yes" }),
        bootable: image("disk", { content: "Bootable=yes" }),
      }
    : {}),
};

function project(): string {
  return makeProject({
    "mkosi.conf": `[Distribution]
Distribution=debian
Release=trixie
[Config]
Dependencies=${Object.keys(images).join(",")}
[Output]
Format=none
OutputDirectory=out
[Content]
SourceDateEpoch=${EPOCH}
`,
    "mkosi.images": {
      ...images,
      tree: {
        "mkosi.conf": `[Output]
Format=directory
[Content]
Packages=systemd,udev,dbus${all ? ",linux-image-cloud-amd64,systemd-boot-efi" : ""}
RemoveFiles=/usr/share/locale /usr/share/i18n /usr/lib/*/gconv /usr/lib/modules/*/kernel/drivers
Bootable=no
`,
      },
    },
  });
}

/** The digest of every output. */
function digests(directory: string, path = ""): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(directory, path))) {
    const file = join(path, name);
    const status = lstatSync(join(directory, file));
    // An OCI image is a directory of plain files, the tree one of all kinds, compared by the archives of it.
    if (status.isDirectory() && file !== "tree") Object.assign(found, digests(directory, file));
    if (status.isFile())
      found[file] = createHash("sha256")
        .update(readFileSync(join(directory, file)))
        .digest("hex");
  }
  return found;
}

test.skipIf(missing !== undefined)(
  `outputs are the same bytes${missing === undefined ? "" : `: ${missing}`}`,
  async () => {
    if (typeof user === "string") throw new Error(user);
    const [roots, users] = [project(), project()];
    execFileSync("chown", ["--recursive", user.name, users]);
    const build = (options: RunOptions) => mkosiOk([`--tools-tree=${keptToolsTree()}`, "-f", "build"], options);
    await build({ cwd: roots });
    const command = [...user.command, "sh", "-c", 'umask 077; exec "$@"', "sh"];
    await build({ cwd: users, user: { ...user, command } });
    const [first, second] = [digests(join(roots, "out")), digests(join(users, "out"))];
    expect(Object.keys(first).length).toBeGreaterThan(8);
    expect(second).toEqual(first);
  },
);
