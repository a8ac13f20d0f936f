// One project of the differential test: its files and the command line, laid out in a directory of its own.

import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A file's text (a mere slash: a directory), an executable, a file with a mode, or a symlink. */
export type FileSpec =
  | string
  | { readonly run: string }
  | { readonly text: string | Uint8Array; readonly mode: number }
  | { readonly link: string };

export interface Case {
  readonly name: string;
  readonly files?: Readonly<Record<string, FileSpec>>;
  readonly argv?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Both must refuse it, we with a message that contains this. */
  readonly refused?: string;
  /** Settings in which we differ on purpose, and why; in each some image must differ. */
  readonly differs?: Readonly<Record<string, string>>;
  /** Lists whose order does not matter: what is built in has another one. */
  readonly unordered?: readonly string[];
  /** A program of the host that both ask; without it the case is skipped. */
  readonly needs?: string;
  /** Whether Seed is compared; it is random otherwise. */
  readonly seed?: boolean;
}

/** An INI file with one section and lines. */
export function ini(section: string, ...lines: readonly string[]): string {
  return `[${section}]\n${lines.join("\n")}\n`;
}

/** What most projects begin with. */
export const DEBIAN = "[Distribution]\nDistribution=debian\nRelease=trixie\n";

/** A project that both must refuse, we with a message that contains `told`. */
export function refused(
  name: string,
  told: string,
  files: NonNullable<Case["files"]>,
  argv: readonly string[] = [],
): Case {
  return { name: `refused: ${name}`, refused: told, files: { "mkosi.conf": DEBIAN, ...files }, argv };
}

export const directory: FileSpec = "/";

/** Writes a case's files below `root`. */
export function layOut(root: string, files: Readonly<Record<string, FileSpec>>): void {
  mkdirSync(root, { recursive: true });
  for (const [name, spec] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    if (spec === "/") mkdirSync(path, { recursive: true });
    else if (typeof spec === "string") writeFileSync(path, spec);
    else if ("link" in spec) symlinkSync(spec.link, path);
    else if ("run" in spec) {
      writeFileSync(path, spec.run);
      chmodSync(path, 0o755);
    } else {
      writeFileSync(path, spec.text);
      chmodSync(path, spec.mode);
    }
  }
}
