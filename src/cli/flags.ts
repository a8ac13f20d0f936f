// Options that are no settings: what may stand only on the command line.

export interface Flag {
  readonly option: string;
  readonly short?: string;
  /** Placeholder of its argument; undefined: it takes none. */
  readonly metavar?: string;
  /** What its argument may be, where that is a word out of a set. */
  readonly words?: readonly string[];
  /** Undefined: it is accepted but not shown. */
  readonly help?: string;
}

/** Forms in which the documentation can be shown. */
export const DOC_FORMATS = ["auto", "markdown", "man", "pandoc", "system"] as const;

export const FLAGS = [
  {
    option: "force",
    short: "f",
    help: "Build again although there are outputs; twice: without cached steps; three times: without cached packages.",
  },
  { option: "directory", short: "C", metavar: "DIR", help: 'The project\'s directory; -C "" reads no configuration.' },
  { option: "json", help: "Print the summary as JSON, and progress as lines of JSON." },
  { option: "quiet", help: "Print errors only." },
  { option: "strict", help: "Treat unknown names in the configuration as errors." },
  {
    option: "image",
    metavar: "NAME",
    help: "Which image of the project vm, boot, shell, ssh, journalctl, coredumpctl, burn, test and debug are about; default: the main one, of test all.",
  },
  { option: "jobs", metavar: "NUMBER", help: "How many images are built, or machines tested, at once." },
  { option: "tap", help: "Print the results of test in the Test Anything Protocol." },
  { option: "junit", metavar: "FILE", help: "Write the results of test to a file, as JUnit's XML." },
  { option: "html", metavar: "FILE", help: "Write the result of inspect or diff to a file, as a page for browsers." },
  { option: "debug", help: "Print what is run and what it prints." },
  { option: "debug-shell", help: "Open a shell where a program failed." },
  { option: "debug-workspace", help: "Keep the workspace." },
  { option: "debug-sandbox", help: "Trace system calls of sandboxed programs." },
  { option: "debug-timing", help: "Print how long each step took." },
  { option: "no-pager", help: "Never use a pager." },
  { option: "auto-bump", short: "B", help: "Raise the image's version when the build succeeds." },
  { option: "wipe-build-dir", short: "w", help: "Empty the build directory first." },
  { option: "rerun-build-scripts", short: "R", help: "Run build scripts only, in the image that is there." },
  { option: "genkey-common-name", metavar: "CN", help: "The name in the certificate that genkey makes." },
  { option: "genkey-valid-days", metavar: "DAYS", help: "How long that certificate is valid." },
  {
    option: "doc-format",
    metavar: "FORMAT",
    words: DOC_FORMATS,
    help: "The form of the documentation: auto, markdown, man, pandoc or system.",
  },
  { option: "before", metavar: "STEP", help: "For debug: go back to the tree before this step." },
  { option: "after", metavar: "STEP", help: "For debug: go back to the tree after this step." },
  { option: "list", help: "For debug: list the steps that are there to go back to." },
  { option: "check", help: "Let fmt change nothing, and fail when there is something to change." },
  { option: "write", help: "Let migrate change the files, instead of showing what would change." },
  { option: "version", help: "Print the version." },
  { option: "help", short: "h", help: "Show all options." },
  { option: "nspawn-keep-unit" },
  { option: "default", metavar: "PATH" },
  { option: "cache", metavar: "PATH" },
  { option: "runtime-scratch", metavar: "BOOL" },
] as const satisfies readonly Flag[];

export type FlagName = (typeof FLAGS)[number]["option"];

/** Options that only old scripts still give; they do nothing. */
export const DEAD_FLAGS: readonly FlagName[] = ["nspawn-keep-unit", "default", "cache", "runtime-scratch"];
