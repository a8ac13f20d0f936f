// The grammar of the command line: options, a verb, what the verb gets. Options may stand before and after the verb;
// what follows `--` is the verb's alone, and the verb when there was none before.

import { goneSetting, goneVerb } from "../facts/gone.ts";
import { Failure } from "../report/failure.ts";
import { suggest } from "../report/suggest.ts";
import { type SettingKey, settings } from "../settings/index.ts";
import type { OptionAssignment } from "../settings/option.ts";
import type { Setting } from "../settings/setting.ts";
import { tryBoolean } from "../settings/types/boolean.ts";
import { isDirectory } from "../settings/types/files.ts";
import { resolvePath } from "../settings/types/path.ts";
import type { Arguments } from "./arguments.ts";
import { refuseConflicts } from "./conflicts.ts";
import { DEAD_FLAGS, type FlagName } from "./flags.ts";
import { LONG, SHORT } from "./options.ts";
import { RENAMED_VERBS, remembersBuild, usesLatestBuild, VERBS } from "./verbs.ts";

interface Draft {
  readonly flags: Map<FlagName, string[]>;
  readonly assignments: OptionAssignment[];
  readonly operands: string[];
  readonly warnings: string[];
  readonly optionWords: string[];
  directory: string;
  /** `-C ""` was given. */
  ignoresConfiguration: boolean;
}

export interface ParsedCommandLine {
  readonly args: Arguments;
  /** What of it is outdated. */
  readonly warnings: readonly string[];
}

/** Options that say how much is built this time, and what is to be seen of it. */
const OF_ONE_RUN =
  /^(-[fwBR]+|--(force|wipe-build-dir|auto-bump|rerun-build-scripts|json|quiet|debug(-.*)?|jobs(=.*)?))$/;

/**
 * Understands a command line (without the program's own name).
 * @throws {Failure} on an unknown option or verb, an argument that is missing or too much
 */
export function parseCommandLine(argv: readonly string[], directory: string): ParsedCommandLine {
  const draft: Draft = {
    flags: new Map(),
    assignments: [],
    operands: [],
    warnings: [],
    optionWords: [],
    directory,
    ignoresConfiguration: false,
  };
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      // before the verb it ends the options; then nothing that follows is one, and a second one says nothing new
      if (draft.operands.length === 0 && rest[1] === "--") rest.splice(1, 1);
      draft.operands.push(...rest);
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      draft.operands.push(word);
      continue;
    }
    const left = rest.length;
    if (word.startsWith("--")) readLong(draft, word, rest);
    else readShort(draft, word, rest);
    if (!OF_ONE_RUN.test(word))
      draft.optionWords.push(word, ...argv.slice(argv.length - left, argv.length - rest.length));
  }
  const args = finishArguments(draft);
  refuseConflicts(args);
  return { args, warnings: draft.warnings };
}

function readLong(draft: Draft, word: string, rest: string[]): void {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
  const target = LONG.get(name);
  if (target === undefined) throw unknownOption(word, `--${name}`);
  const attached = equals < 0 ? undefined : word.slice(equals + 1);
  if ("flag" in target) {
    if (target.flag.metavar === undefined && attached !== undefined) {
      throw new Failure(`--${name} takes no argument, but was given “${attached}”`, {
        remedy: `Write --${name} alone.`,
      });
    }
    setFlag(
      draft,
      target.flag,
      attached ?? (target.flag.metavar === undefined ? "" : takeArgument(`--${name}`, target.flag.metavar, rest)),
    );
    return;
  }
  draft.assignments.push({
    key: target.key,
    option: `--${name}`,
    directory: draft.directory,
    text: attached ?? bareValue(draft, target, name, rest) ?? takeArgument(`--${name}`, metavarOf(target.key), rest),
  });
  const current = (settings[target.key] as Setting).option;
  if (name !== current) draft.warnings.push(`--${name} is now called --${current}`);
}

/** What an option stands for when its argument is left out, where that is allowed. */
function bareValue(
  draft: Draft,
  target: { key: SettingKey; bare: string | undefined },
  name: string,
  rest: readonly string[],
): string | undefined {
  const next = rest[0];
  const ends = next === undefined || (next.startsWith("-") && next !== "-") || isVerb(next);
  if (target.bare !== undefined) return ends ? target.bare : undefined;
  const { type } = settings[target.key] as Setting;
  if (!ends || type.label !== settings.ephemeral.type.label || (next !== undefined && tryBoolean(next) !== undefined))
    return undefined;
  draft.warnings.push(`--${name} needs an argument; it is read as --${name}=yes`);
  return "yes";
}

function readShort(draft: Draft, word: string, rest: string[]): void {
  let letters = word.slice(1);
  while (letters !== "") {
    const letter = letters[0] ?? "";
    letters = letters.slice(1);
    const target = SHORT.get(letter);
    const option = `-${letter}`;
    if (target === undefined) throw unknownOption(word, option);
    if ("flag" in target ? target.flag.metavar === undefined : target.means !== undefined) {
      if ("flag" in target) setFlag(draft, target.flag, "");
      else draft.assignments.push({ key: target.key, option, directory: draft.directory, text: target.means ?? "" });
      continue;
    }
    const metavar = "flag" in target ? (target.flag.metavar ?? "") : metavarOf(target.key);
    const text = letters === "" ? takeArgument(option, metavar, rest) : letters.replace(/^=/, "");
    if ("flag" in target) setFlag(draft, target.flag, text);
    else draft.assignments.push({ key: target.key, option, directory: draft.directory, text });
    return;
  }
}

function setFlag(draft: Draft, flag: { readonly option: FlagName }, text: string): void {
  if (DEAD_FLAGS.includes(flag.option)) {
    const successor = goneSetting(flag.option);
    draft.warnings.push(`--${flag.option} has no effect any more${successor === undefined ? "" : `: ${successor}`}`);
    return;
  }
  draft.flags.set(flag.option, [...(draft.flags.get(flag.option) ?? []), text]);
  if (flag.option !== "directory") return;
  draft.ignoresConfiguration = text === "";
  if (text === "") return;
  draft.directory = resolvePath(text, draft.directory);
  if (!isDirectory(draft.directory)) {
    throw new Failure(`${text} is not a directory`, {
      origin: { kind: "option", option: "--directory" },
      remedy: "Name the project's directory.",
    });
  }
}

function takeArgument(option: string, metavar: string, rest: string[]): string {
  const next = rest[0];
  if (next === undefined || (next.startsWith("-") && next.length > 1 && !/^-[0-9]/.test(next))) {
    throw new Failure(`${option} needs an argument`, {
      remedy: `Write ${option}${option.startsWith("--") ? "=" : " "}${metavar}.`,
    });
  }
  return rest.shift() ?? "";
}

function metavarOf(key: SettingKey): string {
  return (settings[key] as Setting).type.metavar;
}

function isVerb(word: string): boolean {
  return VERBS.some((verb) => verb.name === word) || Object.hasOwn(RENAMED_VERBS, word);
}

function unknownOption(word: string, option: string): Failure {
  const successor = option.startsWith("--") ? goneSetting(option.slice(2)) : undefined;
  if (successor !== undefined) return new Failure(`${option} does not exist any more`, { remedy: successor });
  const near = option.startsWith("--") ? suggest(option.slice(2), LONG.keys()) : undefined;
  const remedy =
    near === undefined
      ? "Run mkosi help for all options; options for a program that the verb runs go after --."
      : `Did you mean --${near}?`;
  return new Failure(`${option} is not an option${word.startsWith("--") || word === option ? "" : ` (in ${word})`}`, {
    remedy,
  });
}

function finishArguments(draft: Draft): Arguments {
  const [word = "build", ...verbArguments] = draft.operands;
  const renamed = Object.hasOwn(RENAMED_VERBS, word) ? RENAMED_VERBS[word] : undefined;
  if (renamed !== undefined) draft.warnings.push(`the verb ${word} is now called ${renamed}`);
  const name = renamed ?? word;
  const last = (flag: FlagName): string | undefined => draft.flags.get(flag)?.at(-1);
  const has = (flag: FlagName): boolean => draft.flags.has(flag);
  const verb = has("help") ? "help" : has("version") ? "version" : checkedVerb(name, verbArguments);
  const force = draft.flags.get("force")?.length ?? 0;
  return {
    verb,
    verbArguments,
    assignments: draft.assignments,
    directory: draft.ignoresConfiguration ? undefined : draft.directory,
    image: last("image"),
    force,
    debug: has("debug"),
    debugShell: has("debug-shell"),
    debugWorkspace: has("debug-workspace"),
    debugSandbox: has("debug-sandbox"),
    debugTiming: has("debug-timing"),
    pager: !has("no-pager"),
    json: has("json"),
    strict: has("strict"),
    quiet: has("quiet"),
    jobs: positiveNumber("jobs", last("jobs")),
    tap: has("tap"),
    junit: last("junit"),
    html: last("html"),
    autoBump: has("auto-bump"),
    wipeBuildDirectory: has("wipe-build-dir"),
    rerunBuildScripts: has("rerun-build-scripts"),
    usesLatestBuild: usesLatestBuild(verb, force, has("rerun-build-scripts")),
    remembersBuild: remembersBuild(verb, force, has("rerun-build-scripts")),
    genkeyCommonName: last("genkey-common-name"),
    genkeyValidDays: positiveNumber("genkey-valid-days", last("genkey-valid-days")) ?? 730,
    check: has("check"),
    write: has("write"),
    docFormat: last("doc-format") ?? "auto",
    before: last("before"),
    after: last("after"),
    list: has("list"),
    optionWords: draft.optionWords,
  };
}

function positiveNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Failure(`--${option}: “${text}” is not a positive number`, { remedy: `Write --${option}=NUMBER.` });
}

function checkedVerb(name: string, operands: readonly string[]): string {
  const verb = VERBS.find((known) => known.name === name);
  if (verb === undefined) {
    const successor = goneVerb(name);
    if (successor !== undefined) throw new Failure(`the verb ${name} does not exist any more`, { remedy: successor });
    const near = suggest(name, [...VERBS.map((known) => known.name), ...Object.keys(RENAMED_VERBS)]);
    throw new Failure(`“${name}” is not a verb`, {
      remedy:
        near === undefined ? `Verbs are ${VERBS.map((known) => known.name).join(", ")}.` : `Did you mean ${near}?`,
    });
  }
  if (operands.length > 0 && verb.operands === undefined) {
    throw new Failure(
      `${name} takes no arguments, but was given ${operands.map((operand) => `“${operand}”`).join(" ")}`,
      {
        remedy:
          name === "help"
            ? `Run mkosi documentation ${operands[0]}.`
            : "Leave them out; options of mkosi begin with a dash.",
      },
    );
  }
  return name;
}
