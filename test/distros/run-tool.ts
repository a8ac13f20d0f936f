// Runs programs of the tools tree of these tests.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";

export interface Tools {
  /** For ToolsTree=; has the test keys and the test certificate authority. */
  readonly tree: string;
  /** usr/share/distribution-gpg-keys, etc/pki/rpm-gpg and usr/share/pacman/keyrings alone, to put over other trees. */
  readonly keysTree: string;
  /** The key that signs everything, and one that nobody trusts: each with `gnupg`, `public.asc`, `public.gpg`, `fingerprint`. */
  readonly key: string;
  readonly strangersKey: string;
  /** `authority.pem`, `server.pem`, `server.key`, for the names of the distributions' servers. */
  readonly certificates: string;
}

export interface ToolOptions {
  /** Directories that the program sees in their places and may write to; the first is its working directory. */
  readonly see: readonly string[];
  /** Directories that it sees only. */
  readonly read?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Any exit status is a result. */
  readonly anyStatus?: boolean;
}

export interface ToolResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

/** Runs a program of the tools tree with the network of this machine. @throws {Error} for another status than 0 */
export async function runTool(
  { tree }: Pick<Tools, "tree">,
  argv: readonly string[],
  options: ToolOptions,
): Promise<ToolResult> {
  const { see, read = [], env = {}, input = "", anyStatus = false } = options;
  for (const place of see) mkdirSync(place, { recursive: true });
  const result = await execa(
    "bwrap",
    [
      ...["bin", "sbin", "lib", "lib64"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]),
      ...["--ro-bind", join(tree, "usr"), "/usr", "--ro-bind", join(tree, "etc"), "/etc"],
      ...["--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf", "--dev", "/dev", "--proc", "/proc"],
      ...["--tmpfs", "/tmp", "--tmpfs", "/var", "--tmpfs", "/root", "--dir", "/var/tmp", "--dir", "/run"],
      ...read.flatMap((place) => ["--ro-bind", place, place]),
      ...see.flatMap((place) => ["--bind", place, place]),
      ...["--die-with-parent", "--chdir", see[0] ?? "/", ...argv],
    ],
    {
      input,
      env: { PATH: "/usr/sbin:/usr/bin", HOME: "/root", LANG: "C.UTF-8", ...env },
      extendEnv: false,
      reject: false,
      maxBuffer: 1e9,
      stripFinalNewline: false,
    },
  );
  const status = result.exitCode ?? 255;
  if (status !== 0 && !anyStatus) {
    throw new Error(`${argv.join(" ").slice(0, 500)}: status ${status}\n${result.stdout}${result.stderr}`);
  }
  return { stdout: result.stdout, stderr: result.stderr, status };
}
