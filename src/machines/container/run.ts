// Runs an image in a container by systemd-nspawn, from start to power-off or to the end of a command.

import { keepTerminalMode } from "../../sandbox/terminal-mode.ts";
import { lockImage } from "../lock-image.ts";
import { nspawnCommand } from "./command.ts";
import type { ContainerContext } from "./context.ts";
import { type ContainerHost, openHost } from "./host.ts";
import { prepareContainer } from "./prepare.ts";
import { openContainerRoot, snapshotDisk } from "./root.ts";
import { checkContainerSupported } from "./supported.ts";

/** With --keep-unit it leaves a reboot to whoever has started it. */
const REBOOT = 133;
/** Between the signals that end a container. */
const AGAIN_MS = 100;

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
    const status = await start(context, host, nspawnCommand({ ...prepared.spec, root: root.root }), [
      ...host.mounts,
      ...root.mounts,
      ...prepared.mounts,
    ]);
    if (status !== REBOOT || host.scope || context.action === "shell") return status;
  }
}

async function start(
  { runner, toolbox, projectDirectory, onConsole, onStart, signal }: ContainerContext,
  host: ContainerHost,
  argv: readonly string[],
  mounts: Parameters<typeof runner.start>[0]["mounts"] & object,
): Promise<number> {
  await using _terminal = onConsole === undefined ? await keepTerminalMode() : undefined;
  const output =
    onConsole === undefined ? ({ output: "terminal" } as const) : ({ output: "log", onOutput: onConsole } as const);
  onStart?.();
  await using nspawn = await host.inGroup(() =>
    runner.start({ argv, base: { kind: "host", toolbox }, mounts, cwd: projectDirectory, ...output }),
  );
  using _end = onConsole === undefined ? undefined : endAtOnce(nspawn.pid, signal);
  const status = await nspawn.finished;
  signal.throwIfAborted();
  return status;
}

/**
 * Nobody waits for services to shut down in a container that is thrown away: the runner's SIGTERM asks systemd-nspawn for
 * that, and it takes another one for the command to end all at once.
 */
function endAtOnce(pid: number, signal: AbortSignal): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const again = () => {
    timer = setInterval(() => process.kill(pid, "SIGTERM"), AGAIN_MS);
  };
  if (signal.aborted) again();
  else signal.addEventListener("abort", again);
  return {
    [Symbol.dispose]() {
      signal.removeEventListener("abort", again);
      clearInterval(timer);
    },
  };
}
