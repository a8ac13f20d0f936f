// `mkosi completion SHELL`: scripts by which bash, fish and zsh complete our verbs, options and values, made from the
// tables.

import { rows } from "../settings/index.ts";
import type { Completion } from "../settings/types/value.ts";
import { FLAGS, type Flag } from "./flags.ts";
import { OPERANDS, type SHELLS } from "./operands.ts";
import { VERBS } from "./verbs.ts";

interface Option {
  readonly long: string;
  readonly short: string | undefined;
  readonly help: string;
  /** Undefined: it takes no argument. */
  readonly argument: Completion | undefined;
}

function allOptions(): Option[] {
  const flags = (FLAGS as readonly Flag[]).flatMap((flag): Option[] => {
    if (flag.help === undefined) return [];
    const argument: Completion =
      flag.words === undefined
        ? { kind: flag.option === "directory" ? "directory" : "none" }
        : { kind: "words", words: flag.words };
    return [
      {
        long: flag.option,
        short: flag.short,
        help: flag.help,
        argument: flag.metavar === undefined ? undefined : argument,
      },
    ];
  });
  const settings = rows.map(([, row]): Option => {
    // a letter that stands for a value takes none
    const short = row.shortMeans === undefined ? row.short : undefined;
    return { long: row.option, short, help: row.help, argument: row.type.completion };
  });
  return [...flags, ...settings];
}

/** The script for a shell. `has` knows the verbs there are. */
export function completionScript(shell: (typeof SHELLS)[number], has: (verb: string) => boolean): string {
  const verbs = VERBS.filter((verb) => has(verb.name));
  const options = allOptions();
  switch (shell) {
    case "bash":
      return bash(
        verbs.map((verb) => verb.name),
        options,
      );
    case "fish":
      return fish(verbs, options);
    case "zsh":
      return zsh(verbs, options);
  }
}

function bash(verbs: readonly string[], options: readonly Option[]): string {
  const spelled = (option: Option): string =>
    [`--${option.long}`, ...(option.short === undefined ? [] : [`-${option.short}`])].join("|");
  const cases = options.flatMap((option) => {
    const { argument } = option;
    if (argument === undefined) return [];
    return [`        ${spelled(option)}) ${bashValues(argument)}; return ;;`];
  });
  const all = options.flatMap((option) => [
    `--${option.long}`,
    ...(option.short === undefined ? [] : [`-${option.short}`]),
  ]);
  const plain = verbsAlone(verbs).join("|");
  return `# bash completion for mkosi
_mkosi_names() { command ls -- "$1" 2>/dev/null | ${LIST_NAMES}; }
_mkosi() {
    local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} word
    # bash takes --option=value apart at the equals sign
    if [[ $cur == "=" ]]; then cur=; elif [[ $prev == "=" ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
    COMPREPLY=()
    case $prev in
${cases.join("\n")}
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W ${quote(all.join(" "))} -- "$cur"))
        return
    fi
    for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
${operandsOf(verbs)
  .map(
    ([verb, words]) =>
      `        if [[ $word == ${verb} ]]; then COMPREPLY=($(compgen -W ${quote(words)} -- "$cur")); return; fi`,
  )
  .join("\n")}
        case $word in ${plain}) return ;; ${verbs.join("|")}) COMPREPLY=($(compgen -f -- "$cur")); return ;; esac
    done
    COMPREPLY=($(compgen -W ${quote(verbs.join(" "))} -- "$cur"))
}
complete -o filenames -F _mkosi mkosi
`;
}

/** Verbs that nothing may follow. */
function verbsAlone(verbs: readonly string[]): string[] {
  return VERBS.filter(({ name, operands }) => operands === undefined && verbs.includes(name)).map(({ name }) => name);
}

/** Verbs whose operands are words out of a set, and these words. */
function operandsOf(verbs: readonly string[]): (readonly [string, string])[] {
  return Object.entries(OPERANDS).flatMap(([verb, words]) =>
    verbs.includes(verb) ? [[verb, words.join(" ")] as const] : [],
  );
}

/** Names in a directory, but none that a shell could take for more than a name. */
const LIST_NAMES = String.raw`sed -n 's/\.conf$//; /^[[:alnum:]][[:alnum:]._+-]*$/p' | sort -u`;

function bashValues(argument: Completion): string {
  switch (argument.kind) {
    case "words":
      return `COMPREPLY=($(compgen -W ${quote(argument.words.join(" "))} -- "$cur"))`;
    case "path":
      return 'COMPREPLY=($(compgen -f -- "$cur"))';
    case "directory":
      return 'COMPREPLY=($(compgen -d -- "$cur"))';
    case "names":
      return `COMPREPLY=($(compgen -W "$(_mkosi_names ${argument.directory})" -- "$cur"))`;
    case "none":
      return "true";
  }
}

type Described = { readonly name: string; readonly help: string };

function fish(verbs: readonly Described[], options: readonly Option[]): string {
  const names = verbs.map((verb) => verb.name).join(" ");
  return [
    "# fish completion for mkosi",
    `function __mkosi_names; command ls -- $argv[1] 2>/dev/null | ${LIST_NAMES}; end`,
    "complete -c mkosi -f",
    ...verbs.map(
      (verb) =>
        `complete -c mkosi -n ${quote(`not __fish_seen_subcommand_from ${names}`)} -a ${verb.name} -d ${quote(verb.help)}`,
    ),
    ...operandsOf(verbs.map((verb) => verb.name)).map(
      ([verb, words]) => `complete -c mkosi -n ${quote(`__fish_seen_subcommand_from ${verb}`)} -a ${quote(words)}`,
    ),
    ...options.map(({ long, short, help, argument }) =>
      [
        `complete -c mkosi -l ${long}`,
        ...(short === undefined ? [] : [`-s ${short}`]),
        ...fishValues(argument),
        `-d ${quote(help)}`,
      ].join(" "),
    ),
    "",
  ].join("\n");
}

function fishValues(argument: Completion | undefined): string[] {
  switch (argument?.kind) {
    case undefined:
      return [];
    case "words":
      return ["-x", `-a ${quote(argument.words.join(" "))}`];
    case "path":
      return ["-r", "-F"];
    case "directory":
      return ["-x", "-a '(__fish_complete_directories)'"];
    case "names":
      return ["-x", `-a '(__mkosi_names ${argument.directory})'`];
    case "none":
      return ["-x"];
  }
}

function zsh(verbs: readonly Described[], options: readonly Option[]): string {
  const specs = options.flatMap(({ long, short, help, argument }) => {
    const text = `[${help.replace(/[[\]:\\]/g, "\\$&")}]${zshValues(argument)}`;
    const equals = argument === undefined ? "" : "=";
    return [
      quote(`*--${long}${equals}${text}`),
      ...(short === undefined ? [] : [quote(`*-${short}${argument === undefined ? "" : "+"}${text}`)]),
    ];
  });
  return `#compdef mkosi
_mkosi_names() { compadd -- $(command ls -- "$1" 2>/dev/null | ${LIST_NAMES}) }
_mkosi_verbs() {
    local -a verbs=(
${verbs.map((verb) => `        ${quote(`${verb.name}:${verb.help}`)}`).join("\n")}
    )
    _describe verb verbs
}
_mkosi_operands() {
    local word
    for word in $words; do
        case $word in
${operandsOf(verbs.map((verb) => verb.name))
  .map(([verb, words]) => `            ${verb}) compadd -- ${words}; return ;;`)
  .join("\n")}
            ${verbsAlone(verbs.map((verb) => verb.name)).join("|")}) return ;;
        esac
    done
    _files
}
_arguments -s -S \\
${specs.map((spec) => `    ${spec} \\`).join("\n")}
    '1:verb:_mkosi_verbs' \\
    '*:argument:_mkosi_operands'
`;
}

function zshValues(argument: Completion | undefined): string {
  switch (argument?.kind) {
    case undefined:
      return "";
    case "words":
      return `:value:(${argument.words.join(" ")})`;
    case "path":
      return ":path:_files";
    case "directory":
      return ":directory:_files -/";
    case "names":
      // the blank keeps _arguments from adding words of its own
      return `:name: _mkosi_names ${argument.directory}`;
    case "none":
      return ":value:";
  }
}

/** For any shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
