// The description of one run of one program: what it sees, what it may change, who it is. Everything above the
// sandbox describes runs in these terms; bubblewrap.ts turns them into a command line, spawn.ts runs it.

/** A file system entry the program sees. Sources are paths in our own mount namespace, targets paths inside the sandbox. */
export type Mount =
  | {
      readonly type: "bind";
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
      readonly optional?: boolean;
    }
  | { readonly type: "tmpfs"; readonly target: string /** Octal mode, default 0755. */; readonly mode?: number }
  | { readonly type: "symlink"; readonly to: string; readonly target: string }
  | { readonly type: "dir"; readonly target: string }
  | { readonly type: "file"; readonly content: string; readonly target: string }
  | { readonly type: "dev"; readonly target: string }
  | { readonly type: "proc"; readonly target: string };

/** Where `/usr` comes from. */
export type Toolbox =
  | { readonly kind: "host"; readonly searchPaths: readonly string[] }
  | {
      readonly kind: "tree" /** The tools tree's root directory. */;
      readonly root: string;
      readonly searchPaths: readonly string[];
      readonly sandbox?: SandboxTree;
      /** Whose trusted certificates programs use (ToolsTreeCertificates=); undefined: the tree's. */
      readonly certificates?: "host";
      /** Of a tree that we have made and nobody changes: tells it from all others, also from one made of the same. */
      readonly built?: string;
    };

/** What `SandboxTrees=` puts on top of a toolbox. `root` then has the /usr and the /etc of both. */
export interface SandboxTree {
  /** The trees, copied one over the other. */
  readonly directory: string;
  readonly beneath: Toolbox;
}

/** The trees that lie on a toolbox. */
export function sandboxTree(toolbox: Toolbox): SandboxTree | undefined {
  return toolbox.kind === "tree" ? toolbox.sandbox : undefined;
}

/** The directory whose `usr` a toolbox's programs are in, in our own mount namespace. */
export function toolboxRoot(toolbox: Toolbox): string {
  return toolbox.kind === "tree" ? toolbox.root : "/";
}

export interface SandboxSpec {
  /** Program and arguments, as seen inside. */
  readonly argv: readonly string[];
  /**
   * `tools`: `/usr` is the toolbox's, the rest is empty. `image`: `/` is the tree at `root`, as in a chroot. `host`: this
   * machine with all its processes, devices and networks, only `/usr` is the toolbox's. That is for programs that make
   * containers themselves; bubblewrap would take from them, and from all in their containers, what set-uid programs need.
   */
  readonly base:
    | { readonly kind: "tools"; readonly toolbox: Toolbox }
    | { readonly kind: "image"; readonly root: string }
    | { readonly kind: "host"; readonly toolbox: Toolbox };
  /** On top of the base, in order. With the base `host` only binds and tmpfs, and their targets must exist. */
  readonly mounts?: readonly Mount[];
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory inside; `/` unless given. */
  readonly cwd?: string;
  /** Whether the host's network (and its resolver and certificates) is there; it always is with the base `host`. */
  readonly network?: boolean;
  /** Whether `sync` and its family are answered without doing anything. Default true; never with the base `host`. */
  readonly suppressSync?: boolean;
  /**
   * Whether stopping asks it to end, by SIGTERM, and kills it only when it does not. It has to handle that signal: it is
   * the first process of its sandbox. With the base `host` it always is so.
   */
  readonly endsOrderly?: boolean;
  /** `log`: both streams go to the log. `capture`: standard output is returned, standard error goes to the log. `terminal`: the caller's. */
  readonly output?: "log" | "capture" | "terminal";
  /** Receives what the program prints as it comes, instead of the log (with `output: "log"`). */
  readonly onOutput?: (piece: Buffer) => void;
  /** Text for standard input; otherwise it is empty (or the terminal's with `output: "terminal"`). */
  readonly input?: string;
  /** Devices of the host the program needs (`/dev/kvm`). */
  readonly devices?: readonly string[];
  /** Statuses besides 0 that the caller expects: nobody wants to debug them. They are failures all the same. */
  readonly accepted?: readonly number[] | undefined;
  /** The same for all statuses. */
  readonly mayFail?: boolean | undefined;
  /** Whether it is a shell that does job control on the caller's terminal (with `output: "terminal"`). */
  readonly jobControl?: boolean;
}

export interface RunResult {
  /** Empty unless `output` is `capture`. */
  readonly stdout: string;
  /** The end of what it has printed otherwise. */
  readonly printed?: string;
}

/** Runs programs. The real one is `spawn.ts`; tests hand in one that records. */
export interface Runner {
  /**
   * Runs the program to its end.
   * @throws {CommandFailure} when its exit status is not 0
   */
  run(spec: SandboxSpec): Promise<RunResult>;
  /** Starts the program and returns at once: for servers and machines. It ends when we do. */
  start(spec: SandboxSpec): Promise<RunningProgram>;
}

export interface RunningProgram extends AsyncDisposable {
  readonly pid: number;
  /** The exit status (128 + signal number for a death by signal); never rejects. */
  readonly finished: Promise<number>;
  /** The last lines it has printed (with `output: "log"`). */
  tail(): string;
  /** Kills it, or lets it end orderly; resolves when it is gone. */
  stop(): Promise<void>;
}

export function bind(source: string, target: string = source): Mount {
  return { type: "bind", source, target, readOnly: false };
}

export function bindReadOnly(source: string, target: string = source): Mount {
  return { type: "bind", source, target, readOnly: true };
}
