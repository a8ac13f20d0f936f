// What scripts of the project get to work with rpm packages, whichever program installs them.

import type { PackageContext, ScriptTools } from "../manager.ts";
import { BUILDROOT } from "./layout.ts";

const RPM = ["rpm", "rpmkeys"];

/** Commands that come before a program that installs packages. */
export function scriptPreparation(context: PackageContext, environment: Readonly<Record<string, string>>): string {
  const own = context.image.config.environment;
  const variables = Object.entries(environment).filter(([name]) => own[name] === undefined);
  return [
    `export ${variables.map(([name, value]) => `${name}=${quoted(value)}`).join(" ")}\n`,
    // a script that generated an identity would give all machines of the image the same
    `if [ -f ${BUILDROOT}/etc/machine-id ]; then mount --bind -o ro ${BUILDROOT}/etc/machine-id ${BUILDROOT}/etc/machine-id; fi\n`,
  ].join("");
}

/** rpm itself, on the tree. */
export function rpmPrograms(preparation: string): ScriptTools["onTree"] {
  return Object.fromEntries(RPM.map((name) => [name, { preparation, command: `${name} --root=${BUILDROOT}` }]));
}

/** An argument for a shell. */
export function quoted(argument: string): string {
  return /^[\w@%+=:,./~-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
