// Runs an image in a container by systemd-nspawn, from start to power-off or to the end of a command.

import { keepTerminalMode } from "../../sandbox/terminal-mode.ts";
import { lockImage } from "../lock-image.ts";
import { nspawnCommand } from "./command.ts";
import type { ContainerContext } from "./context.ts";
import { openHost } from "./host.ts";
import { prepareContainer } from "./prepare.ts";
import { openContainerRoot, snapshotDisk } from "./root.ts";
import { checkContainerSupported } from "./supported.ts";

/** With --keep-unit it leaves a reboot to whoever has started it. */
const REBOOT = 133;

/**
 * Runs the container to its end.
 * @returns the exit status of the container's first process: what its systemd was asked for, or the command's
 * @throws {Failure} when it cannot be started; the signal's reason when it aborts
 */
export async function runContainer(context: ContainerContext): Promise<number> {
  checkContainerSupported(context.image);
  await using _lock = await lockImage(context);
  await using host = await openHost(context.directory);
  await using snapshot = await snapshotDisk(context);
  await using root = await openContainerRoot(context, snapshot?.path ?? context.files.image);
  const prepared = await prepareContainer(context, host.scope);
  for (;;) {
    const status = await start(context, nspawnCommand({ ...prepared.spec, root: root.root }), [
      ...host.mounts,
      ...root.mounts,
      ...prepared.mounts,
    ]);
    if (status !== REBOOT || host.scope || context.action === "shell") return status;
  }
}

async function start(
  { runner, toolbox, projectDirectory, signal }: ContainerContext,
  argv: readonly string[],
  mounts: Parameters<typeof runner.start>[0]["mounts"] & object,
): Promise<number> {
  await using _terminal = await keepTerminalMode();
  await using nspawn = await runner.start({
    argv,
    base: { kind: "host", toolbox },
    mounts,
    cwd: projectDirectory,
    output: "terminal",
  });
  const status = await nspawn.finished;
  signal.throwIfAborted();
  return status;
}
