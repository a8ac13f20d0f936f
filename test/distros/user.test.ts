// Images of each package manager built without root: files have the owners and modes that they have in root's image.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";
import { type User, unprivilegedUser } from "../support/user.ts";
import { mirrorMissing } from "./mirror.ts";
import { runTool } from "./run-tool.ts";
import { withMirror } from "./with-mirror.ts";

const user = unprivilegedUser();
const missing = typeof user === "string" ? user : mirrorMissing();

describe.skipIf(missing !== undefined)(`without root${missing === undefined ? "" : `: ${missing}`}`, () => {
  const mirror = withMirror();

  test.for(["fedora", "opensuse", "arch"] as const)("%s", async (distribution) => {
    if (typeof user === "string") throw new Error(user);
    // Owners other than root, set-uid programs, scriptlets.
    const project = () =>
      makeProject({
        "mkosi.conf": `[Distribution]
Distribution=${distribution}
Mirror=${mirror.url(distribution)}
[Output]
Format=tar
CompressOutput=no
[Content]
Packages=dbus hello util-linux
Bootable=no
[Build]
ToolsTree=tools
PackageCacheDirectory=cache
`,
        cache: {},
        tools: {},
      });
    const [roots, users] = [project(), project()];
    await mkosiOk([`--tools-tree=${mirror.toolsTree}`, "build"], { cwd: roots });
    execFileSync("chown", ["--recursive", user.name, users]);
    await mkosiOk(["build"], { cwd: users, user: seeing(user, mirror.toolsTree, join(users, "tools")) });
    expect(await owners(users)).toEqual(await owners(roots));
  });

  /** The user, for whom a directory that only root may enter is in another place, too. */
  function seeing(who: User, directory: string, place: string): User {
    const script = 'mount --bind "$0" "$1"; shift; exec "$@"';
    return { ...who, command: ["unshare", "--mount", "sh", "-ec", script, directory, place, ...who.command] };
  }

  /** Mode, owner and path of each file. */
  async function owners(directory: string): Promise<string[]> {
    const { stdout } = await runTool(mirror.tools, ["tar", "--numeric-owner", "-tvf", "image.tar"], {
      see: [directory],
    });
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => line.replace(/^(\S+) (\S+) +\d+ \S+ \S+ /, "$1 $2 "));
    expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(/^-rwsr-xr-x 0\/0 \.?\/?usr\/bin\/su$/)]));
    expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(/^-rw-r----- 0\/42 \.?\/?etc\/shadow$/)]));
    return lines;
  }
});
