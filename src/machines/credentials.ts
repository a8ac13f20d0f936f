// The credentials that a machine's systemd finds (see systemd.system-credentials(7)), and how they get there.

import { type KeyObject, X509Certificate } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isExecutable } from "../formats/executable.ts";
import { Failure } from "../report/failure.ts";
import { bindReadOnly } from "../sandbox/spec.ts";
import { isFile } from "../settings/types/files.ts";
import { inside, type MachineContext } from "./context.ts";

export type Credentials = ReadonlyMap<string, Buffer>;

const DIRECTORY = "credentials";

type CredentialsContext = Pick<MachineContext, "image" | "runner" | "toolbox" | "projectDirectory">;

/** What the configuration gives a container or machine, and defaults for a first boot that nobody has to answer questions for. */
export async function collectCredentials(context: CredentialsContext): Promise<Map<string, Buffer>> {
  const { config, origin } = context.image;
  const credentials = new Map<string, Buffer>([
    ["firstboot.locale", Buffer.from("C.UTF-8")],
    ["firstboot.timezone", Buffer.from(Intl.DateTimeFormat().resolvedOptions().timeZone)],
  ]);
  if (config.sshCertificate !== null) {
    credentials.set("ssh.authorized_keys.root", Buffer.from(`${await authorizedKey(config.sshCertificate)}\n`));
  }
  for (const { name, value, path } of config.credentials) {
    if (path === null) credentials.set(name, Buffer.from(value ?? ""));
    else credentials.set(name, isExecutable(path) ? await printedBy(context, path) : await contentOf(path));
  }
  if ((config.ssh === "always" || config.ssh === "runtime") && !credentials.has("ssh.authorized_keys.root")) {
    throw new Failure(`Ssh=${config.ssh} needs a certificate, and there is none`, {
      origin: origin("ssh"),
      remedy: "make one with: mkosi genkey   (or name one in SshCertificate=)",
    });
  }
  return credentials;
}

/**
 * The same, as files for a program that hands them on.
 * @returns the files' paths, in our own mount namespace, by the credentials' names
 */
export async function credentialFiles(
  context: CredentialsContext & Pick<MachineContext, "directory">,
): Promise<Map<string, string>> {
  const directory = join(context.directory, DIRECTORY);
  await mkdir(directory, { mode: 0o700 });
  const files = [...(await collectCredentials(context))].map(async ([name, value], index) => {
    const path = join(directory, String(index));
    await writeFile(path, value, { mode: 0o600 });
    return [name, path] as const;
  });
  return new Map(await Promise.all(files));
}

async function contentOf(path: string): Promise<Buffer> {
  if (!isFile(path)) throw new Failure(`the credential ${path} is not a file`, { remedy: "make it one, or remove it" });
  return await readFile(path);
}

async function printedBy({ runner, toolbox, projectDirectory }: CredentialsContext, path: string): Promise<Buffer> {
  const mounts = [...new Set([projectDirectory, dirname(path)])].map((directory) => bindReadOnly(directory));
  const { stdout } = await runner.run({
    argv: [path],
    base: { kind: "tools", toolbox },
    mounts,
    cwd: projectDirectory,
    network: true,
    output: "capture",
  });
  return Buffer.from(stdout);
}

/**
 * Writes each credential as an SMBIOS type 11 string.
 * @returns the files' paths inside the sandbox
 */
export async function writeSmbiosStrings(context: MachineContext, credentials: Credentials): Promise<string[]> {
  await mkdir(join(context.directory, DIRECTORY), { recursive: true });
  const files = [...credentials].map(async ([name, value], index) => {
    const file = `${DIRECTORY}/${index}`;
    await writeFile(join(context.directory, file), smbiosString(name, value));
    return inside(file);
  });
  return await Promise.all(files);
}

/** `io.systemd.credential.binary:NAME=BASE64` */
export function smbiosString(name: string, value: Buffer): string {
  return `io.systemd.credential.binary:${name}=${value.toString("base64")}`;
}

/** Kernel command line options for the same, where a machine has no SMBIOS tables. */
export function commandLineCredentials(credentials: Credentials): string[] {
  return [...credentials].map(([name, value]) => `systemd.set_credential_binary=${name}:${value.toString("base64")}`);
}

/** The public key of a certificate as a line of authorized_keys (RFC 4253, RFC 8709). */
async function authorizedKey(path: string): Promise<string> {
  try {
    return openSshKey(new X509Certificate(await readFile(path)).publicKey);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure(`SshCertificate=${path} is not a certificate`, { remedy: "make one with: mkosi genkey", cause });
  }
}

/** @throws {Failure} for kinds of keys that machines are not given */
export function openSshKey(key: KeyObject): string {
  const jwk = key.export({ format: "jwk" });
  const number = (base64url: string | undefined) => {
    const bytes = Buffer.from(base64url ?? "", "base64url");
    // Multiple precision integers are signed.
    return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  };
  if (key.asymmetricKeyType === "rsa") return sshLine("ssh-rsa", [number(jwk.e), number(jwk.n)]);
  if (key.asymmetricKeyType === "ed25519") return sshLine("ssh-ed25519", [Buffer.from(jwk.x ?? "", "base64url")]);
  throw new Failure(`a certificate with a key of type ${key.asymmetricKeyType} cannot be used for ssh`, {
    remedy: "use one with an RSA or Ed25519 key: mkosi genkey makes it",
  });
}

function sshLine(type: string, fields: readonly Buffer[]): string {
  const blob = [Buffer.from(type), ...fields].map((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return Buffer.concat([length, field]);
  });
  return `${type} ${Buffer.concat(blob).toString("base64")}`;
}
