// The names of all verbs, what may follow them, and what they are called today if they were renamed. verbs/ has what
// they do.

export interface VerbSyntax {
  readonly name: string;
  /** What may follow it in the synopsis; undefined: nothing. */
  readonly operands?: string;
  /** When options that were remembered by the latest build count (History=); undefined: never. */
  readonly latestBuild?: "always" | "without -f" | "with -R";
  /** Whether it builds the images when it is told to. */
  readonly builds?: true;
  /** One sentence for the help. */
  readonly help: string;
}

/** Whether the verb, with these options, takes those that were remembered by the latest build. */
export function usesLatestBuild(verb: string, force: number, rerunBuildScripts: boolean): boolean {
  const when = VERBS.find(({ name }) => name === verb)?.latestBuild;
  if (when === undefined) return false;
  return when === "with -R" ? rerunBuildScripts : when === "always" || force === 0;
}

/**
 * Whether the options of what the verb builds are remembered: when it builds whatever is there. As with the original,
 * they are not when it builds only because nothing is there, and not with -R.
 */
export function remembersBuild(verb: string, force: number, rerunBuildScripts: boolean): boolean {
  return builds(verb) && (verb === "build" || force > 0) && !rerunBuildScripts;
}

/** Whether the verb builds the images when it is told to. */
export function builds(verb: string): boolean {
  return VERBS.some((known) => known.name === verb && known.builds === true);
}

export const VERBS: readonly VerbSyntax[] = [
  { name: "init", help: "Set this machine up so that old cached packages are cleaned up." },
  { name: "summary", latestBuild: "without -f", help: "Show what is configured." },
  { name: "check", help: "Look for mistakes without building anything." },
  { name: "fmt", operands: "[FILE…]", help: "Give the configuration files their layout; with --check only tell." },
  { name: "lsp", help: "Serve an editor with the language server protocol, on standard input and output." },
  { name: "migrate", help: "Show how the files are written today, or with --write rewrite them." },
  {
    name: "matrix",
    operands: "[github|gitlab] [SETTING=VALUE,…]",
    help: "List what is built for each combination of values as JSON for continuous integration.",
  },
  { name: "cat-config", latestBuild: "always", help: "Show the configuration files that apply, one after the other." },
  {
    name: "explain",
    latestBuild: "without -f",
    operands: "[SETTING…]",
    help: "Tell for settings (or all that are set) where their values come from.",
  },
  {
    name: "build",
    latestBuild: "with -R",
    builds: true,
    operands: "[-- ARGUMENTS…]",
    help: "Build the images (this is what happens without a verb).",
  },
  {
    name: "shell",
    latestBuild: "without -f",
    builds: true,
    operands: "[COMMAND…]",
    help: "Run a shell or a command in the image, in a container.",
  },
  {
    name: "boot",
    latestBuild: "without -f",
    builds: true,
    operands: "[ARGUMENTS…]",
    help: "Boot the image in a container.",
  },
  {
    name: "vm",
    latestBuild: "without -f",
    builds: true,
    operands: "[ARGUMENTS…]",
    help: "Boot the image in a virtual machine.",
  },
  {
    name: "test",
    latestBuild: "without -f",
    builds: true,
    operands: "[TEST…]",
    help: "Boot the images, each time anew, and test them.",
  },
  { name: "ssh", latestBuild: "without -f", operands: "[COMMAND…]", help: "Log in to a running machine." },
  { name: "journalctl", latestBuild: "without -f", operands: "[ARGUMENTS…]", help: "Show the image's journal." },
  { name: "coredumpctl", latestBuild: "without -f", operands: "[ARGUMENTS…]", help: "Show the image's core dumps." },
  {
    name: "sysupdate",
    latestBuild: "without -f",
    builds: true,
    operands: "[ARGUMENTS…]",
    help: "Run systemd-sysupdate with the outputs as its source.",
  },
  { name: "box", operands: "[COMMAND…]", help: "Run a command with the programs of the tools tree." },
  { name: "dependencies", operands: "[-- OPTIONS…]", help: "List the packages that building needs." },
  { name: "doctor", help: "Tell what this machine allows, and what to do for more." },
  { name: "clean", help: "Remove outputs; with -f caches, too; with -ff packages, too." },
  {
    name: "cache",
    operands: "[prune]",
    help: "List the layers that Incremental= keeps, or remove those that no output has.",
  },
  { name: "why", help: "Tell for each image which steps would run again, and what has changed." },
  {
    name: "inspect",
    latestBuild: "without -f",
    operands: "[IMAGE…]",
    help: "Show what an image consists of: any file or directory, or an image of the project.",
  },
  {
    name: "diff",
    latestBuild: "without -f",
    operands: "OLD NEW",
    help: "Show what is different between two images: packages, files, partitions, kernels, units.",
  },
  {
    name: "debug",
    operands: "[COMMAND…]",
    help: "Open a shell (or run a command) where the latest build has failed, or before or after any step.",
  },
  { name: "serve", latestBuild: "without -f", builds: true, help: "Offer the outputs over HTTP." },
  { name: "burn", latestBuild: "without -f", builds: true, operands: "DEVICE", help: "Write the image to a disk." },
  { name: "bump", latestBuild: "always", help: "Raise the image's version." },
  { name: "genkey", help: "Make a key and a certificate for signing." },
  {
    name: "documentation",
    operands: "[PAGE|SETTING]",
    help: "Show the manual, or its page about a setting, a verb or a chapter.",
  },
  { name: "completion", operands: "SHELL", help: "Print what makes a shell complete our options." },
  { name: "latest-snapshot", help: "Print the newest snapshot of the distribution's repositories." },
  { name: "help", help: "Show this." },
];

/** Former names. */
export const RENAMED_VERBS: Readonly<Record<string, string>> = { qemu: "vm", sandbox: "box" };
