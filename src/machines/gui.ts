// What QEMU needs of the host to open a window: the display server's sockets, the graphics devices, and the variables
// that lead to them.

import { join } from "node:path";
import { bind, bindReadOnly, type Mount } from "../sandbox/spec.ts";

export interface DisplayAccess {
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly devices: readonly string[];
}

const VARIABLES = ["DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "XAUTHORITY", "XDG_SESSION_TYPE"];

/** The caller's display, as far as there is one: without, QEMU says so itself. */
export function displayAccess(environment: Readonly<Record<string, string | undefined>>): DisplayAccess {
  const env = Object.fromEntries(
    VARIABLES.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const authority =
    env["XAUTHORITY"] ?? (environment["HOME"] === undefined ? undefined : join(environment["HOME"], ".Xauthority"));
  const sockets = ["/tmp/.X11-unix", ...(env["XDG_RUNTIME_DIR"] === undefined ? [] : [env["XDG_RUNTIME_DIR"]])];
  return {
    env: authority === undefined ? env : { ...env, XAUTHORITY: authority },
    mounts: [
      ...sockets.map((path) => optional(bind(path))),
      ...(authority === undefined ? [] : [optional(bindReadOnly(authority))]),
    ],
    devices: ["/dev/dri", "/dev/snd"],
  };
}

function optional(mount: Mount): Mount {
  return mount.type === "bind" ? { ...mount, optional: true } : mount;
}
