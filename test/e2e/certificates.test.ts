// ToolsTreeCertificates=: whose trusted authorities the programs of a build see.

import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";
import { keptToolsTree } from "../support/tools-tree.ts";

const AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";
const isThere = statSync(AUTHORITIES, { throwIfNoEntry: false }) !== undefined;

test.skipIf(!isThere)(
  `certificates are the tools tree's, or the host's${isThere ? "" : `: it has no ${AUTHORITIES}`}`,
  async () => {
    const script = `#!/bin/sh\necho "authorities $(stat --format %i ${AUTHORITIES}) $(ls /etc/alternatives | wc -l)"\n`;
    const cwd = makeProject({
      "mkosi.conf": "[Distribution]\nDistribution=custom\n[Output]\nFormat=none\n",
      "mkosi.sync": script,
    });
    const seen = async (...options: string[]) => {
      const { stderr } = await mkosiOk(["--debug", `--tools-tree=${keptToolsTree()}`, ...options, "-f", "build"], {
        cwd,
      });
      return /authorities (\d+) (\d+)/.exec(stderr)?.slice(1).map(Number);
    };
    const inode = (path: string) => statSync(path).ino;
    const [tools, alternatives] = (await seen()) ?? [];
    expect(tools).toBe(inode(join(keptToolsTree(), AUTHORITIES)));
    expect(await seen("--tools-tree-certificates=no")).toEqual([inode(AUTHORITIES), alternatives]);
  },
);
