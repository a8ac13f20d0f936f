// Paths on the host: how `~`, `$VAR` and symlinks in them are resolved and what is asked of them.

import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { redact } from "../../report/redact.ts";
import { lookAt, whyUnseen } from "./files.ts";
import { type ElementType, type ParseContext, scalar, ValueError, type ValueType } from "./value.ts";

export interface PathOptions {
  /** It must exist. Default true. */
  readonly required?: boolean;
  /** Symlinks are followed and the path is made absolute. Default true. */
  readonly resolve?: boolean;
  /** A leading `~` is a home directory. Default true. */
  readonly expandUser?: boolean;
  readonly absolute?: boolean;
  readonly directory?: boolean;
  /** Nobody but owner and group may have access to it. */
  readonly secret?: boolean;
  /** Directories below which it may not be. */
  readonly exclude?: readonly string[];
  /** Words that are no paths. */
  readonly constants?: readonly string[];
}

/** The path without empty and `.` components; `..` stays, as it may follow a symlink. */
export function normalizePath(path: string): string {
  const root = path.startsWith("//") && !path.startsWith("///") ? "//" : path.startsWith("/") ? "/" : "";
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return root + parts.join("/") || ".";
}

const MAX_LINKS = 40;

/**
 * The absolute path with every symlink that exists followed; what does not exist is kept as it is written.
 * @throws {ValueError} on a loop of symlinks
 */
export function resolvePath(path: string, directory: string): string {
  const absolute = path.startsWith("/") ? path : join(directory, "/") + path;
  try {
    return realpathSync.native(absolute);
  } catch {
    return resolveStep(absolute);
  }
}

function resolveStep(absolute: string): string {
  let links = 0;
  const pending = absolute.split("/").reverse();
  let done = "/";
  while (pending.length > 0) {
    const part = pending.pop() ?? "";
    if (part === "" || part === ".") continue;
    if (part === "..") {
      done = join(done, "..");
      continue;
    }
    const next = done === "/" ? `/${part}` : `${done}/${part}`;
    const target = linkTarget(next);
    if (target === undefined) {
      done = next;
      continue;
    }
    if (++links > MAX_LINKS) throw new ValueError(`“${absolute}” is a loop of symbolic links`);
    if (target.startsWith("/")) done = "/";
    pending.push(...target.split("/").reverse());
  }
  return done;
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}

/** `$NAME` and `${NAME}` by their values; what is not set stays as it is written. */
export function expandVariables(text: string, environment: Readonly<Record<string, string | undefined>>): string {
  if (!text.includes("$")) return text;
  return text.replace(/\$(?:\{([^}]*)\}|(\w+))/g, (all, braced: string | undefined, bare: string | undefined) => {
    const name = braced ?? bare ?? "";
    // the environment is an object with a prototype: $constructor is no variable
    return (Object.hasOwn(environment, name) ? environment[name] : undefined) ?? all;
  });
}

function expandHome(path: string, environment: Readonly<Record<string, string | undefined>>): string {
  if (!path.startsWith("~")) return path;
  const [user = "~"] = path.split("/", 1);
  const home = user === "~" ? (environment["HOME"] ?? homedir()) : homeOf(user.slice(1));
  if (home === undefined)
    throw new ValueError(`“${path}” names the home of ${user.slice(1)}, who is not a user of this machine`);
  return normalizePath(home + path.slice(user.length));
}

function homeOf(user: string): string | undefined {
  const passwd = existsSync("/etc/passwd") ? readFileSync("/etc/passwd", "utf8") : "";
  const line = passwd.split("\n").find((entry) => entry.startsWith(`${user}:`));
  return line?.split(":")[5];
}

/** Whether the path exists, following symlinks; a path that cannot be looked at does not. */
export function pathExists(path: string, directory: string): boolean {
  return existsSync(path.startsWith("/") ? path : join(directory, path));
}

/**
 * Reads a path as it is written in a configuration.
 * @throws {ValueError} when it does not hold what the options ask
 */
export function parsePath(text: string, context: ParseContext, options: PathOptions = {}): string {
  if (options.constants?.includes(text)) return text;
  if (text.includes("\0")) throw new ValueError("a path cannot hold a NUL character");
  const expanded = expandVariables(text, context.environment);
  let path = normalizePath(expanded);
  if (options.expandUser ?? true) path = expandHome(path, context.environment);
  const full = path.startsWith("/") ? path : join(context.directory, path);
  if (options.required ?? true) {
    const stat = lookAt(full);
    if (stat === undefined) {
      throw new ValueError(`“${expanded}” ${whyUnseen(full) ?? "does not exist"}`, {
        remedy: path.startsWith("/") ? undefined : `It was looked for in ${context.directory}.`,
      });
    }
    if (options.directory === true && !stat.isDirectory()) throw new ValueError(`“${expanded}” is not a directory`);
  }
  if (options.absolute === true && !path.startsWith("/")) {
    throw new ValueError(`“${expanded}” is not an absolute path`, { remedy: "Begin it with a slash." });
  }
  for (const excluded of options.exclude ?? []) {
    if (path === excluded || path.startsWith(`${excluded}/`))
      throw new ValueError(`“${path}” cannot be below ${excluded}`);
  }
  if (options.resolve ?? true) path = resolvePath(path, context.directory);
  if (options.secret === true) checkSecret(path, context);
  return path;
}

function checkSecret(path: string, context: ParseContext): void {
  const status = lookAt(path.startsWith("/") ? path : join(context.directory, path));
  const mode = (status?.mode ?? 0) & 0o777;
  if ((mode & 0o007) !== 0) {
    if (status?.isDirectory() === true)
      throw new ValueError(`“${path}” is a directory, and a file with a secret is to be named`);
    throw new ValueError(
      `“${path}” holds a secret, but its mode ${mode.toString(8).padStart(4, "0")} lets everybody in`,
      {
        remedy: `Run chmod 0600 ${path}`,
      },
    );
  }
}

/** One path. */
export function path(options: PathOptions = {}, metavar = "PATH"): ValueType<string, null> {
  const constants = options.constants ?? [];
  return scalar(
    {
      label: constants.length > 0 ? `a path or one of ${constants.join(", ")}` : "a path",
      metavar,
      schema: { type: "string" },
      completion: metavar === "DIR" ? { kind: "directory" } : { kind: "path" },
      parse: (text, context) => parsePath(text, context, options),
    },
    null,
  );
}

/** A key or certificate: a file when there is one of that name, else a name that a token understands. */
export function fileOrName(metavar: string, secret: boolean): ValueType<string, null> {
  return scalar(
    {
      label: "a path or a name",
      metavar,
      schema: { type: "string" },
      completion: { kind: "path" },
      print: redact,
      parse: (text, context) =>
        pathExists(text, context.directory) ? parsePath(text, context, { secret }) : normalizePath(text),
    },
    null,
  );
}

/** Elements that are paths. */
export function paths(options: PathOptions = {}, label = "paths"): ElementType<string> {
  return {
    label,
    metavar: "PATH",
    completion: { kind: "path" },
    schema: { type: "string" },
    parse: (text, context) => parsePath(text, context, options),
    json: (value) => value,
    print: (value) => value,
  };
}
