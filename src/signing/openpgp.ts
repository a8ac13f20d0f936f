// The signature of SHA256SUMS: a detached OpenPGP one by gpg with the user's own keyring, or by a program with the
// Stateless OpenPGP command line (https://datatracker.ietf.org/doc/draft-dkg-openpgp-stateless-cli/).

import { existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import { CommandFailure } from "../sandbox/spawn.ts";
import { bind, bindReadOnly, type Mount } from "../sandbox/spec.ts";
import type { OutputContext } from "../tools/context.ts";
import { namesIn } from "../tools/names-in.ts";
import { requireTool, runTool } from "../tools/tool.ts";

const STAGING = "/run/mkosi-staging";
const KEY = "/run/mkosi-key.pgp";

/** Where agents of logged-in users have their sockets. */
const USERS = "/run/user";

/**
 * An agent of the user's own knows passphrases and smart cards, and is left as it is. One that gpg has started for us
 * would leave its sockets in the keyring's directory.
 */
const SIGN = `gpg-connect-agent --no-autostart 'getinfo version' /bye 2>/dev/null | grep --quiet OK && exec gpg "$@"
status=0
gpg "$@" || status=$?
gpgconf --kill gpg-agent 2>/dev/null
exit $status`;

/** Whether the image's checksums are signed: there is nothing to sign without them. */
export function isSigned({ config }: Image): boolean {
  return config.sign && config.checksum && config.format !== "none";
}

/** Stops when there is nothing to sign with. @throws {Failure} naming the setting */
export function checkSignature(image: Image): void {
  if (!isSigned(image)) return;
  const { key, openpgpTool } = image.config;
  if (openpgpTool === "gpg") {
    const home = keyringOf(image);
    if (existsSync(home)) return;
    throw new Failure(`image ${image.name} is to be signed with a key of ${home}, which does not exist`, {
      origin: image.origin("sign"),
      remedy: "make a key (gpg --quick-generate-key NAME), or set GNUPGHOME to the directory that has yours",
    });
  }
  const remedy = `set Key= to a file with the private key, as ${openpgpTool} has no keyring`;
  if (key === null)
    throw new Failure(`image ${image.name} is to be signed by ${openpgpTool} without a key`, {
      origin: image.origin("openpgpTool"),
      remedy,
    });
  if (statSync(key, { throwIfNoEntry: false })?.isFile() !== true)
    throw new Failure(`the key ${key} for the signature of image ${image.name} is not a file`, {
      origin: image.origin("key"),
      remedy,
    });
}

/** Signs a file of the staging directory. @returns the path of the signature beside it @throws {Failure} */
export async function signChecksums(context: OutputContext, checksums: string): Promise<string> {
  const { image } = context;
  const { key, openpgpTool: tool } = image.config;
  requireTool(context, tool, "to sign checksums (Sign=)");
  const signature = `${checksums}.gpg`;
  const staging = bind(dirname(checksums), STAGING);
  const [input, output] = [checksums, signature].map((path) => join(STAGING, basename(path)));
  try {
    if (tool === "gpg") {
      // Without a terminal gpg cannot ask for a passphrase: an agent has to know it.
      const options = ["--batch", "--detach-sign", ...(key === null ? [] : ["--local-user", key])];
      const argv = ["sh", "-c", SIGN, "sh", ...options, "--output", String(output), String(input)];
      // At its own path, which the name of the agent's socket is made of.
      const home = keyringOf(image);
      const mounts: Mount[] = [staging, bind(home), ...(existsSync(USERS) ? [bind(USERS)] : [])];
      await runTool(context, { argv, mounts, env: { HOME: homedir(), GNUPGHOME: home } });
    } else {
      const argv = ["sh", "-c", 'exec "$1" sign "$2" <"$3" >"$4"', "sh", tool, KEY, String(input), String(output)];
      await runTool(context, { argv, mounts: [staging, bindReadOnly(resolve(key ?? ""), KEY)] });
    }
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    throw new Failure(`${tool} cannot sign the checksums of image ${image.name}`, {
      origin: image.origin(key === null ? "sign" : "key"),
      remedy:
        tool === "gpg"
          ? `use a key of ${keyringOf(image)} that has no passphrase, or whose passphrase your gpg-agent knows`
          : "use a private key that has no passphrase",
      cause: error,
    });
  }
  return signature;
}

/** Changes when the same settings may mean another key: the key file, or the private keys that gpg chooses from. */
export function keyState({ config }: Pick<Image, "config">): string {
  if (!config.sign) return "";
  if (config.openpgpTool !== "gpg") return config.key === null ? "" : stateOf(resolve(config.key));
  const home = keyringOf({ config });
  const keys = join(home, "private-keys-v1.d");
  const names = [...namesIn(keys)].toSorted();
  return [join(home, "gpg.conf"), ...names.map((name) => join(keys, name))].map(stateOf).join("\n");
}

function stateOf(path: string): string {
  const status = statSync(path, { throwIfNoEntry: false });
  return status === undefined ? "" : `${path} ${status.size} ${status.mtimeMs}`;
}

/** gpg's directory on the host. */
function keyringOf({ config }: Pick<Image, "config">): string {
  return resolve(config.environment["GNUPGHOME"] ?? process.env["GNUPGHOME"] ?? join(homedir(), ".gnupg"));
}
