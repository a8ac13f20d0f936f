// RepositoryKeyFetch=: keys that are neither in the toolbox nor on the host are downloaded when the metadata is, and kept
// in the package cache, so that all programs find them as files, and a key that is not to be had is told at once.

import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Failure } from "../../report/failure.ts";
import { writeWhole } from "../../report/whole-file.ts";
import { CommandFailure } from "../../sandbox/spawn.ts";
import { downloadText } from "../../tools/download.ts";
import type { PackageContext, RepositoryKey } from "../manager.ts";
import { enabledRepositories } from "./layout.ts";
import { findLocalKey } from "./local-key.ts";

/** Downloads the keys of the repositories that are used. @throws {Failure} naming the address of one that cannot be had */
export async function fetchKeys(context: PackageContext): Promise<void> {
  const { repositoryKeyCheck, repositoryKeyFetch } = context.image.config;
  if (!repositoryKeyCheck || !repositoryKeyFetch) return;
  const keys = new Map(enabledRepositories(context).flatMap(({ keys = [] }) => keys.map((key) => [key.path, key])));
  for (const key of keys.values()) {
    // what is here of a rolling release's keys may be of yesterday's
    if (key.url === undefined || (key.neighbours !== true && findLocalKey(context, key) !== undefined)) continue;
    await keep(fetchedKeyDirectory(context, key), await texts(context, key.url, key.neighbours === true));
  }
}

/** Files on the host with what fetchKeys() has downloaded for a key. */
export function fetchedKeys(context: PackageContext, key: RepositoryKey): readonly string[] {
  if (!context.image.config.repositoryKeyFetch || key.url === undefined) return [];
  const directory = fetchedKeyDirectory(context, key);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => !name.startsWith("."))
    .toSorted()
    .map((name) => join(directory, name));
}

function fetchedKeyDirectory({ packageCache }: PackageContext, { url = "" }: RepositoryKey): string {
  return join(packageCache, "dnf/keys", createHash("sha256").update(url).digest("hex").slice(0, 12));
}

type Texts = ReadonlyMap<string, string>;

async function keep(directory: string, files: Texts): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [name, text] of files) await writeWhole(join(directory, name), text);
  for (const name of readdirSync(directory)) if (!files.has(name)) await rm(join(directory, name), { force: true });
}

/** The collection has the newest release's key as a link, of which its server tells the target instead of what is there. */
async function texts(context: PackageContext, url: string, neighbours: boolean): Promise<Texts> {
  const text = await downloadKey(context, url);
  const link = /^\S+-(\d+)-\S+$/.exec(text.trim());
  if (!neighbours || link === null) return new Map([[basename(url), checked(context, url, text)]]);
  const newest = Number(link[1]);
  const found = new Map<string, string>();
  for (const release of [newest, newest - 1, newest + 1]) {
    const name = link[0].replace(/-\d+-/, `-${release}-`);
    const address = `${dirname(url)}/${name}`;
    const download = downloadKey(context, address);
    // around the day of branching packages have either; at other times there is no later one
    const content = await (release === newest ? download : download.catch(() => undefined));
    if (content !== undefined) found.set(name, checked(context, address, content));
  }
  return found;
}

function checked(context: PackageContext, url: string, text: string): string {
  if (text.includes("-----BEGIN PGP PUBLIC KEY BLOCK-----")) return text;
  throw failure(context, `there is no key at ${url}`, text.slice(0, 200));
}

async function downloadKey(context: PackageContext, url: string): Promise<string> {
  try {
    return await downloadText(context, url);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    throw failure(context, `the key that verifies packages cannot be had from ${url}`, error.details.excerpt);
  }
}

function failure({ image }: PackageContext, message: string, excerpt: string | undefined): Failure {
  return new Failure(message, {
    origin: image.origin("repositoryKeyFetch"),
    excerpt,
    remedy:
      "check the network connection and the proxy (ProxyUrl=), or install distribution-gpg-keys, on the host or by ToolsTreePackages=, and remove RepositoryKeyFetch=",
  });
}
