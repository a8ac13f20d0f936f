// The local mirror of all distributions, for tests:
//
//   const mirror = await startMirror();
//   mkosi --distribution=fedora --release=43 --mirror=${mirror.url("fedora")} --tools-tree=${mirror.toolsTree} …
//   mirror.requests(); mirror.forget();
//   mirror.faults({ match: /hello-.*\.rpm$/, kind: { status: 500 }, times: 1 });
//   await mirror.close();
//
// Without Mirror=, builds reach the same files by the distributions' real URLs through the proxy:
//   --proxy-url=${mirror.proxy} --tools-tree=${mirror.toolsTree}
//
// There are packages with Fedora's names (see make/plan.ts). `hello` is in the repository for applications, and newer in
// the one for updates; it recommends `hello-weak`, has documentation in usr/share/doc/hello, and its scriptlets write
// /var/lib/hello/log. dnf's group is @greeting, zypper's pattern minimal_base, pacman's group greeting.
// Fedora 42 to 44 and rawhide, EL 9 and 10, Tumbleweed and Leap 16.0, Azure 3.0, Mageia 9, OpenMandriva cooker are there
// (releases of one distribution have the same packages), all for x86-64 only. postmarketOS has three packages and an index
// whose signature is by keys/test@example.invalid.rsa.pub.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { kept, keyOf } from "./cache.ts";
import type { Fault } from "./faults.ts";
import { makeMirror } from "./make/make.ts";
import type { Tools } from "./run-tool.ts";
import { MirrorServer, type Request } from "./server.ts";
import { distroTools } from "./tools.ts";

export type MirrorName =
  | "alma"
  | "arch"
  | "azure"
  | "centos"
  | "centos-composes"
  | "fedora"
  | "mageia"
  | "openmandriva"
  | "opensuse"
  | "postmarketos"
  | "rhel"
  | "rhel-ubi"
  | "rocky";

/** Mirrors without updates, in which `hello` and the metadata have no signature, or one of a stranger. */
export type Variant = "unsigned" | "wrong-key";

export interface Mirror extends AsyncDisposable {
  readonly tools: Tools;
  /** For ToolsTree=: Debian forky with dnf, dnf5, zypper, pacman, createrepo_c, repo-add, and the test keys in place of the real ones. */
  readonly toolsTree: string;
  /** The test keys alone, as usr/share/distribution-gpg-keys, etc/pki/rpm-gpg and usr/share/pacman/keyrings. */
  readonly keysTree: string;
  /** For ProxyUrl=. */
  readonly proxy: string;
  /** Directory with the files. */
  readonly root: string;
  /** For Mirror=. */
  url(name: MirrorName, variant?: Variant): string;
  /** Requests since the start, or since forget(). */
  requests(): readonly Request[];
  forget(): void;
  /** From now on these happen, and no others. */
  faults(...faults: readonly Fault[]): void;
  close(): Promise<void>;
}

const SOURCES = [
  ...[
    "debs",
    "layouts",
    "make",
    "package",
    "pacman",
    "pacman-repositories",
    "plan",
    "rpm",
    "rpm-repositories",
    "scriptlets",
  ],
  ...["stage", "synthetic"],
].map((name) => `make/${name}.ts`);

/** Why there cannot be a mirror on this machine; undefined when there can be. */
export function mirrorMissing(): string | undefined {
  return process.getuid?.() === 0
    ? undefined
    : "the local mirror of other distributions is made by root, since files have owners";
}

/** Trees of many small files are made in $TMPDIR, which is faster than where caches are. */
async function makeIn(tools: Tools, place: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "mkosi-mirror-"));
  try {
    await makeMirror(tools, work);
    await execa("cp", ["--archive", join(work, "mirror"), place]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Starts a server of its own for the mirror, which is made when it is not in the cache (under two minutes). */
export async function startMirror(): Promise<Mirror> {
  const tools = await distroTools();
  // A mirror goes with the keys that signed it.
  const place = await kept("mirror", keyOf([tools.tree], SOURCES), (place) => makeIn(tools, place));
  const root = join(place, "mirror");
  const server = await new MirrorServer(root, tools.certificates).start();
  const close = () => server[Symbol.asyncDispose]();
  return {
    tools,
    toolsTree: tools.tree,
    keysTree: tools.keysTree,
    proxy: server.origin,
    root,
    url: (name, variant) => [server.origin, ...(variant === undefined ? [] : [variant]), name].join("/"),
    requests: () => server.requests(),
    forget: () => server.forget(),
    faults: (...faults) => server.faults(...faults),
    close,
    [Symbol.asyncDispose]: close,
  };
}
