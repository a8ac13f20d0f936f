// What scripts of the project run before a program that installs packages, whichever it is: it then finds what it finds
// when we run it.

import { BUILDROOT } from "../tools/tool.ts";
import type { PackageContext } from "./manager.ts";

/** Shell commands that come before the program. @param environment what it is told; the user's `Environment=` is there already */
export function scriptPreparation(context: PackageContext, environment: Readonly<Record<string, string>>): string {
  const own = context.image.config.environment;
  const variables = Object.entries(environment).filter(([name]) => own[name] === undefined);
  return [
    `export ${variables.map(([name, value]) => `${name}=${quoted(value)}`).join(" ")}\n`,
    // a script that generated an identity would give all machines of the image the same
    `if [ -f ${BUILDROOT}/etc/machine-id ]; then mount --bind -o ro ${BUILDROOT}/etc/machine-id ${BUILDROOT}/etc/machine-id; fi\n`,
  ].join("");
}

/** An argument for a shell. */
export function quoted(argument: string): string {
  return /^[\w@%+=:,./~-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
