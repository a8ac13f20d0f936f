// Secrets have no place in logs.

/** Options whose values are secret, ours and those of programs that we run. */
const SECRET_OPTION = /(--root-password(?:-hashed)?)([= ])(\S+)/g;

/** A command line without the secrets in it. */
export function redact(commandLine: string): string {
  return commandLine.replace(SECRET_OPTION, "$1$2…");
}
