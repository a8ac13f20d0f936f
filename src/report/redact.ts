// Secrets have no place in logs.

/** Options whose values are secret, ours and those of programs that we run. */
const SECRET_OPTION = /(--root-password(?:-hashed)?)([= ])(\S+)/g;

/** The PIN in the URI of a key in a token (RFC 7512). */
const PIN = /(\bpin-value=)[^&;?\s]+/g;

/** A command line, or the name of a key, without the secrets in it. */
export function redact(commandLine: string): string {
  return commandLine.replace(SECRET_OPTION, "$1$2…").replace(PIN, "$1…");
}
