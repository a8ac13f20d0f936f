// Secrets have no place in logs.

/** Options whose values are secret, ours and those of programs that we run. */
const SECRET_OPTION = "--(?:root-password(?:-hashed)?|(?:set-)?credential)";
const OPTION = new RegExp(`^${SECRET_OPTION}$`);
const OPTION_WITH_VALUE = new RegExp(`^(${SECRET_OPTION}=)[^]*$`);
const OPTION_IN_TEXT = new RegExp(`(${SECRET_OPTION}[= ])("[^"\\n]*"|'[^'\\n]*'|\\S+)`, "g");

const IN_WORDS: readonly RegExp[] = [
  // The PIN in the URI of a key in a token (RFC 7512).
  /(\bpin-value=)[^&;?\s"']+/g,
  // The password in a URL; it may have an @ itself.
  /(:\/\/[^\s/:@"'<>]*:)[^\s/"'<>]+(?=@)/g,
  // Credentials for a machine, in SMBIOS strings and on the kernel's command line.
  /(\bio\.systemd\.credential(?:\.binary)?:[^\s=]+=)\S+/g,
  /(\bsystemd\.set_credential(?:_binary)?=[^\s:]+:)\S+/g,
];

/** Text (also of many lines), or the name of a key, without the secrets in it. */
export function redact(text: string): string {
  return hideInWords(text.replace(OPTION_IN_TEXT, "$1…"));
}

/** A command line, to be shown, without the secrets in it: an element is a secret or has one whatever blanks are in it. */
export function redactCommand(argv: readonly string[]): string {
  return argv
    .map((word, index) => {
      if (OPTION.test(argv[index - 1] ?? "")) return "…";
      return redact(word.replace(OPTION_WITH_VALUE, "$1…"));
    })
    .join(" ");
}

function hideInWords(text: string): string {
  return IN_WORDS.reduce((rest, pattern) => rest.replace(pattern, "$1…"), text);
}
