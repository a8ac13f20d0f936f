// Register=: what systemd-machined is told over its Varlink socket.

import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { registerMachine, requireMachined } from "../../src/machines/register.ts";
import { makeImage } from "../support/image.ts";
import { makeProject } from "../support/project.ts";

/** A systemd-machined that answers so. @returns its socket, and what it was sent */
async function machined(answer: object): Promise<{ runtime: string; socket: string; heard: () => unknown }> {
  const runtime = makeProject();
  const socket = join(runtime, "systemd/machine/io.systemd.Machine");
  mkdirSync(dirname(socket), { recursive: true });
  let text = "";
  const server = createServer((connection) => {
    connection.on("data", (part) => {
      text += part.toString();
      if (text.endsWith("\0")) connection.write(`${JSON.stringify(answer)}\0`);
    });
  });
  await new Promise<void>((resolve) => void server.listen(socket, resolve));
  onTestFinished(() => void server.close());
  return { runtime, socket, heard: () => JSON.parse(text.slice(0, -1)) };
}

const MACHINE = { name: "m", leader: 7, rootDirectory: undefined, cid: 9, sshKey: "/key" };

test("a machine is registered with its process, and how it is reached", async () => {
  const { socket, heard } = await machined({ parameters: {} });
  await registerMachine(socket, MACHINE);
  const parameters = {
    ...{ name: "m", leader: 7, service: "mkosi", class: "vm", allocateUnit: true },
    ...{ vSockCid: 9, sshAddress: "vsock/9", sshPrivateKeyPath: "/key" },
  };
  expect(heard()).toEqual({ method: "io.systemd.Machine.Register", parameters });
});

test("a refusal has systemd-machined's words", async () => {
  const { socket } = await machined({ error: "io.systemd.Machine.MachineExists" });
  await expect(registerMachine(socket, MACHINE)).rejects.toThrow("io.systemd.Machine.MachineExists {}");
});

test("Register= decides what happens without systemd-machined", async () => {
  const { runtime, socket } = await machined({});
  const found = (register: "auto" | "enabled" | "disabled", directory: string) =>
    requireMachined(makeImage({ register }), 1000, { XDG_RUNTIME_DIR: directory });
  expect([found("auto", runtime), found("enabled", runtime), found("disabled", runtime)]).toEqual([
    ...[socket, socket, undefined],
  ]);
  expect(found("auto", "/nowhere")).toBeUndefined();
  expect(() => found("enabled", "/nowhere")).toThrow("Register=yes needs systemd-machined");
});
