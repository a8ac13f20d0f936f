// From an image's configuration to a container that can be started.

import { mkdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Failure } from "../../report/failure.ts";
import { bind, bindReadOnly, type Mount } from "../../sandbox/spec.ts";
import { boundUser } from "../bound-user.ts";
import { findInToolbox } from "../context.ts";
import { credentialFiles } from "../credentials.ts";
import { containerOptions } from "../kernel-command-line.ts";
import { runtimeTrees } from "../trees.ts";
import type { Bind, ContainerSpec } from "./command.ts";
import type { ContainerContext } from "./context.ts";
import { registers } from "./host.ts";
import { makeMountPoint } from "./root.ts";

/** The first systemd-nspawn that takes the options we use, and the first that forwards a journal. */
const VERSION = 254;
const FORWARDS_JOURNAL = 261;

export interface PreparedContainer {
  readonly spec: Omit<ContainerSpec, "root">;
  readonly mounts: readonly Mount[];
}

/** Prepares everything but the root. @param scope whether systemd manages this machine @throws {Failure} */
export async function prepareContainer(context: ContainerContext, scope: boolean): Promise<PreparedContainer> {
  const { config } = context.image;
  const name = (config.machine ?? config.output).replaceAll("_", "-");
  const register = registers(context.image, scope);
  const { program, version } = await findNspawn(context);
  const [trees, credentials, settings, journal, coreLimit] = await Promise.all([
    bindTrees(context),
    credentialFiles(context),
    settingsMount(context, name),
    journalPath(context, version),
    coreDumpLimit(),
  ]);
  return {
    spec: {
      ...{ program, version, name, register, scope, journal, coreLimit },
      action: context.action,
      network: config.runtimeNetwork,
      settings: settings.length > 0,
      credentials,
      binds: trees.binds,
      user: config.bindUser ? boundUser(context) : undefined,
      kernelOptions: [...config.kernelCommandLine, ...containerOptions(config)],
      args: context.args,
    },
    mounts: [...trees.mounts, ...settings],
  };
}

async function findNspawn({ runner, toolbox }: ContainerContext): Promise<{ program: string; version: number }> {
  const program = findInToolbox(toolbox, ["systemd-nspawn"]);
  const remedy =
    "install it (Debian, Fedora: systemd-container), or let mkosi build a tree with the tools: ToolsTree=default";
  if (program === undefined) throw new Failure("systemd-nspawn is not installed", { remedy });
  const base = { kind: "tools", toolbox } as const;
  const { stdout } = await runner.run({ argv: [program, "--version"], base, output: "capture" });
  const version = Number(/^systemd (\d+)/.exec(stdout)?.[1] ?? 0);
  if (version >= VERSION) return { program, version };
  throw new Failure(`systemd-nspawn is of version ${version}, and containers take ${VERSION} or newer`, { remedy });
}

/** They appear in the container's directory: one from /usr would be the toolbox's otherwise. */
async function bindTrees({ image, directory }: ContainerContext): Promise<{ binds: Bind[]; mounts: Mount[] }> {
  const entries = runtimeTrees(image).map(async ({ source, target }, index) => {
    const status = await stat(source).catch((cause: unknown) => {
      throw new Failure(`${source}, which the container is to see, cannot be read: ${(cause as Error).message}`, {
        origin: image.origin("runtimeTrees"),
      });
    });
    const path = join(directory, "trees", String(index));
    await makeMountPoint(path, status.isDirectory());
    return { bind: { source: path, target, ownerIsRoot: status.uid !== 0 }, mount: bind(source, path) };
  });
  const all = await Promise.all(entries);
  return { binds: all.map((entry) => entry.bind), mounts: all.map((entry) => entry.mount) };
}

/** systemd-nspawn looks for a file with the container's name beside its root. */
async function settingsMount({ image, directory }: ContainerContext, name: string): Promise<Mount[]> {
  const { nspawnSettings } = image.config;
  if (nspawnSettings === null) return [];
  const path = join(directory, `${name}.nspawn`);
  await makeMountPoint(path, false);
  return [bindReadOnly(nspawnSettings, path)];
}

async function journalPath({ action, image }: ContainerContext, version: number): Promise<string | undefined> {
  const { forwardJournal } = image.config;
  if (forwardJournal === null || action === "shell") return undefined;
  if (version < FORWARDS_JOURNAL) {
    throw new Failure(`systemd-nspawn ${version} cannot forward a journal`, {
      origin: image.origin("forwardJournal"),
      remedy: `use systemd ${FORWARDS_JOURNAL} or newer (ToolsTree=default has it), or remove ForwardJournal=`,
    });
  }
  await mkdir(dirname(forwardJournal), { recursive: true });
  return forwardJournal;
}

async function coreDumpLimit(): Promise<string> {
  const [, soft, hard] = /^Max core file size +(\S+) +(\S+)/m.exec(await readFile("/proc/self/limits", "utf8")) ?? [];
  const limit = (text = "unlimited") => (text === "unlimited" ? "infinity" : text);
  return `${limit(soft)}:${limit(hard)}`;
}
