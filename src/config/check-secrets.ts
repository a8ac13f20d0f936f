// Secrets that stand in files which everybody may read. Keys and picked-up passwords are refused already when they are
// read.

import type { Origin } from "../report/failure.ts";
import { settings } from "../settings/index.ts";
import { lookAt } from "../settings/types/files.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Image } from "./project.ts";
import { excerptAt } from "./source.ts";

/** Names of environment variables and credentials that hold a secret, as a rule. */
const SECRET = /(?:pass(?:word|wd|phrase)|secret|token|private[._-]?key|api[._-]?key)(?![a-z])/i;

/** What an image's configuration gives away. */
export function openSecrets(image: Image): Diagnostic[] {
  const { rootPassword, environment, credentials } = image.config;
  const secret = rootPassword !== null && !rootPassword.hashed && rootPassword.password !== "";
  return [
    ...(secret
      ? told(
          image.origin("rootPassword"),
          "RootPassword: everybody who can read this file can read the password",
          "Put it into mkosi.rootpw with mode 0600, or write hashed: and its hash.",
        )
      : []),
    ...Object.entries(environment)
      .filter(([name, value]) => value !== "" && SECRET.test(name))
      .flatMap(([name]) =>
        toldOf(
          name,
          image.origin("environment", name),
          `${settings.environment.name}: everybody who can read this file can read ${name}`,
          `Write ${name} without a value, and give it to mkosi in its environment.`,
        ),
      ),
    ...credentials
      .filter(({ name }) => SECRET.test(name))
      .flatMap((credential) => {
        const { name, path, value } = credential;
        const origin = image.origin("credentials", credential);
        if (path !== null) {
          if (!isOpen(path)) return [];
          const message = `Credentials: everybody can read ${path}`;
          return [{ level: "warning" as const, message, origin, remedy: `Run chmod 0600 ${path}` }];
        }
        if (value === "") return [];
        const message = `Credentials: everybody who can read this file can read ${name}`;
        return told(origin, message, `Put the value into mkosi.credentials/${name} with mode 0600.`);
      }),
  ];
}

/** The warning, when its place is a file that everybody may read. */
function told(origin: Origin | undefined, message: string, remedy: string): Diagnostic[] {
  return origin?.kind === "file" && isOpen(origin.path) ? [{ level: "warning", message, origin, remedy }] : [];
}

/** The same for a variable, whose value may come from outside: then its name stands alone. */
function toldOf(name: string, origin: Origin | undefined, message: string, remedy: string): Diagnostic[] {
  const line = excerptAt(origin)?.split("\n", 1)[0] ?? "";
  return line.includes(`${name}=`) ? told(origin, message, remedy) : [];
}

function isOpen(path: string): boolean {
  return ((lookAt(path)?.mode ?? 0) & 0o004) !== 0;
}
