// The settings that systemd-firstboot(1) would ask for at the first boot, written into the tree instead, and as
// credentials beside it for images that ship nothing but /usr.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../settings/index.ts";
import type { TreeContext } from "./context.ts";
import { pathInside, readInside } from "./inside.ts";
import { BUILDROOT, captureTool, requireTool, rootMount, runTool } from "./tool.ts";

const PASSWORD = "root-password-hashed";

/** Where systemd-firstboot finds credentials of its own; see systemd.exec(5), $CREDENTIALS_DIRECTORY. */
const CREDENTIALS = "/credentials";

/** Where the image has them. */
const CREDSTORE = "usr/lib/credstore";

interface FirstbootSetting {
  readonly option: string;
  /** The credential of the same meaning, where there is one. */
  readonly credential?: string;
  readonly value: string | null;
}

/**
 * Applies Locale=, LocaleMessages=, Keymap=, Timezone=, Hostname=, RootPassword= and RootShell=, over what the tree
 * has. @throws {Failure} {CommandFailure}
 */
export async function runFirstboot(context: TreeContext): Promise<void> {
  const { config } = context.image;
  const settings = await firstbootSettings(context, config);
  if (settings.length === 0) return;
  requireTool(context, "systemd-firstboot", "to set locale, host name, root password and the like");
  if (config.rootPassword !== null) await ensureShadowEntry(context.root);
  // What is on a command line can be read by everybody on the machine.
  const secrets = settings.filter(({ option, value }) => option === PASSWORD && value !== "");
  await runTool(context, {
    argv: [
      "systemd-firstboot",
      `--root=${BUILDROOT}`,
      "--force",
      ...settings.filter((each) => !secrets.includes(each)).map(({ option, value }) => `--${option}=${value}`),
    ],
    mounts: [
      rootMount(context),
      ...secrets.map(({ credential, value }) => ({
        ...({ type: "file", content: value ?? "", target: `${CREDENTIALS}/${credential}` } as const),
      })),
    ],
    env: secrets.length === 0 ? {} : { CREDENTIALS_DIRECTORY: CREDENTIALS },
  });
  // An initrd is never only a /usr.
  if (!(config.format === "cpio" && config.makeInitrd)) await writeCredentials(context.root, settings);
}

/**
 * firstboot changes the line that root has in shadow(5) and adds none to a file that has others; packages whose
 * scripts create users make such a file where nothing has put root into it.
 */
async function ensureShadowEntry(root: string): Promise<void> {
  const text = readInside(root, "etc/shadow");
  if (text === undefined || /^root:/m.test(text)) return;
  await writeFile(pathInside(root, "etc/shadow"), `root:*:::::::\n${text}`);
}

async function firstbootSettings(context: TreeContext, config: Config): Promise<FirstbootSetting[]> {
  const all: FirstbootSetting[] = [
    { option: "locale", credential: "firstboot.locale", value: config.locale },
    { option: "locale-messages", credential: "firstboot.locale-messages", value: config.localeMessages },
    { option: "keymap", credential: "firstboot.keymap", value: config.keymap },
    { option: "timezone", credential: "firstboot.timezone", value: config.timezone },
    { option: "hostname", value: config.hostname },
    { option: PASSWORD, credential: "passwd.hashed-password.root", value: await hashedPassword(context) },
    { option: "root-shell", credential: "passwd.shell.root", value: config.rootShell },
  ];
  return all.filter(({ value }) => value !== null);
}

/** The empty string is an account without a password. */
async function hashedPassword(context: TreeContext): Promise<string | null> {
  const { rootPassword } = context.image.config;
  if (rootPassword === null || rootPassword.hashed) return rootPassword?.password ?? null;
  requireTool(context, "openssl", "to hash RootPassword=");
  const hash = await captureTool(context, {
    argv: ["openssl", "passwd", "-6", "-stdin"],
    input: `${rootPassword.password}\n`,
  });
  return hash.trim();
}

async function writeCredentials(root: string, settings: readonly FirstbootSetting[]): Promise<void> {
  await mkdir(pathInside(root, CREDSTORE), { recursive: true, mode: 0o755 });
  for (const { credential, value } of settings) {
    if (credential === undefined || value === null) continue;
    await writeFile(pathInside(root, join(CREDSTORE, credential)), value, {
      mode: credential.includes("password") ? 0o600 : 0o644,
    });
  }
}
