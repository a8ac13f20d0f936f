// Lets apt solve, download and order, but not install: in dpkg's place it calls a recorder, and what that has recorded
// is the plan. The same question to the same repositories has the same answer, so plans are kept.

import { createHash, randomUUID } from "node:crypto";
import { existsSync, lstatSync, readdirSync, statSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { writeWhole } from "../../report/whole-file.ts";
import { withLock } from "../../sandbox/lock.ts";
import { bind, type Mount } from "../../sandbox/spec.ts";
import { givenFiles, isGivenFile, refuseUrls, requestArguments, requestMounts, requestsState } from "../given-files.ts";
import { localPackagesState, REPOSITORY } from "../local-packages.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { aptSpec } from "./command.ts";
import { explained } from "./explain.ts";
import { aptCache, CACHE } from "./layout.ts";
import { watchStatus } from "./progress.ts";
import { type PackageDatabase, scratchTree } from "./scratch-tree.ts";

export interface InstallationPlan {
  /** Arguments of the dpkg runs, in order. */
  readonly commands: readonly (readonly string[])[];
  /** The packages' files inside the sandbox. */
  readonly files: readonly string[];
  /** Which packages nobody asked for by name, as apt keeps it in the image. */
  readonly extendedStates: string | undefined;
}

const RECORD = "/run/mkosi-apt-plan";
const RECORDER = "/run/mkosi-record-dpkg";
/** A line for each argument, an empty line after each run; questions about dpkg itself are answered with yes. */
const RECORDER_SCRIPT = `case " $* " in *" --assert-"* | *" --print-foreign-architectures "*) exit 0 ;; esac
{ printf '%s\\n' "$@" && echo; } >>${RECORD}
`;

/**
 * Plans to install `requests` where the packages of `database` are installed, and downloads what that needs.
 * @throws {Failure} when packages do not exist, exclude each other, or cannot be downloaded
 */
export async function planInstallation(
  context: PackageContext,
  database: PackageDatabase,
  requests: readonly PackageRequest[],
): Promise<InstallationPlan> {
  refuseUrls(requests, "apt");
  const cache = aptCache(context);
  const onWait = () => context.report.progress("waits for another build that downloads packages");
  return await withLock(
    cache.archivesLock,
    async () => {
      const directory = join(cache.directory, `plans-${listsDigest(cache.directory)}`);
      const { withRecommends, withDocs } = context.image.config;
      const question = JSON.stringify([
        database.packages,
        database.extendedStates,
        requests.map(({ spec }) => spec),
        withRecommends,
        withDocs,
        ...(context.localPackages.length === 0 ? [] : [localPackagesState(context)]),
        ...requestsState(requests),
      ]);
      const path = join(directory, `${createHash("sha256").update(question).digest("hex").slice(0, 32)}.json`);
      const kept = await readPlan(path, cache.archives);
      if (kept !== undefined) return kept;
      const plan = await makePlan(context, database, requests);
      await keepPlan(path, directory, plan);
      return plan;
    },
    { onWait },
  );
}

async function makePlan(
  context: PackageContext,
  database: PackageDatabase,
  requests: readonly PackageRequest[],
): Promise<InstallationPlan> {
  const root = await scratchTree(context, `plan-${randomUUID()}`, database);
  const record = join(root, "record");
  await writeFile(record, "");
  await using status = await watchStatus(context);
  const argv = [
    "apt-get",
    "install",
    "--option=Dir::Bin::dpkg=/bin/sh",
    ...(context.image.config.cacheOnly === "always" ? ["--no-download"] : []),
    ...(context.localPackages.length === 0 && givenFiles(requests).length === 0 ? [] : ["--allow-downgrades"]),
    ...requestArguments(requests, [".deb", ".ddeb"]),
  ];
  const mounts: Mount[] = [
    bind(record, RECORD),
    { type: "file", content: RECORDER_SCRIPT, target: RECORDER },
    status.mount,
    ...requestMounts(requests),
  ];
  const spec = aptSpec(context, {
    argv: status.wrap(argv),
    root,
    network: context.image.config.cacheOnly !== "always",
    mounts,
    dpkgOptions: [RECORDER],
  });
  await explained(context, requests, () => context.runner.run(spec));
  const commands = parseRecord(await readFile(record, "utf8"));
  const extendedStates = await readFile(join(root, "var/lib/apt/extended_states"), "utf8").catch(() => undefined);
  return { commands, files: commands.flat().filter((argument) => argument.endsWith(".deb")), extendedStates };
}

/** Splits what the recorder has written into the runs' arguments, without the descriptor for apt's own eyes. */
export function parseRecord(text: string): string[][] {
  return text
    .split("\n\n")
    .map((run) => run.split("\n").filter((line) => line !== ""))
    .filter((run) => run.length > 0)
    .map((run) => {
      const at = run.indexOf("--status-fd");
      return at < 0 ? run : [...run.slice(0, at), ...run.slice(at + 2)];
    });
}

async function readPlan(path: string, archives: string): Promise<InstallationPlan | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const plan = JSON.parse(text) as InstallationPlan;
  return plan.files.every((file) => fileIsThere(file, archives)) ? plan : undefined;
}

/** Packages of local repositories are used where they are, all others are in the cache. */
function fileIsThere(file: string, archives: string): boolean {
  if (file.startsWith(`${REPOSITORY}/`) || isGivenFile(file)) return true; // the question had its state
  return existsSync(file.startsWith(`${CACHE}/archives/`) ? join(archives, basename(file)) : file);
}

async function keepPlan(path: string, directory: string, plan: InstallationPlan): Promise<void> {
  const parent = join(directory, "..");
  for (const name of readdirSync(parent)) {
    if (name.startsWith("plans-") && join(parent, name) !== directory)
      await rm(join(parent, name), { recursive: true, force: true });
  }
  await mkdir(directory, { recursive: true });
  await writeWhole(path, JSON.stringify(plan));
}

/** Changes whenever the metadata does. The lists of repositories on this machine are links to the repositories' own. */
function listsDigest(directory: string): string {
  const lists = join(directory, "lists");
  const entries = readdirSync(lists)
    .filter((name) => name !== "lock" && name !== "partial" && name !== "auxfiles")
    .map((name) => {
      const path = join(lists, name);
      const { size, mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? lstatSync(path);
      return `${name} ${size} ${mtimeMs}\n`;
    });
  return createHash("sha256").update(entries.sort().join("")).digest("hex").slice(0, 16);
}
