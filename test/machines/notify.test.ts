import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { guestExitStatus, listenForNotifications, parseNotification } from "../../src/machines/notify.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "notify-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Sends as a guest does: it does not close, but waits until we do. Resolves when we have. */
async function send(path: string, ...pieces: string[]): Promise<void> {
  await sendBy(connect({ path, allowHalfOpen: true }), ...pieces);
}

async function sendBy(socket: Socket, ...pieces: string[]): Promise<void> {
  const ended = new Promise((resolve) => socket.once("end", resolve));
  socket.resume();
  for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
  await ended;
  socket.end();
  await new Promise((resolve) => socket.once("close", resolve));
}

test("hears readiness and exit status over connections that the guest leaves open", async () => {
  const path = join(directory, "s");
  await using notifications = await listenForNotifications(path);
  await send(path, "X_SYSTEMD_UNIT_ACTIVE=multi-user.target\nREA", "DY=1\n");
  await notifications.ready;
  expect(guestExitStatus(notifications.state)).toBe(0);
  await send(path, "EXIT_STATUS=42");
  await notifications.drain();
  expect(notifications.state.get("X_SYSTEMD_UNIT_ACTIVE")).toBe("multi-user.target");
  expect(guestExitStatus(notifications.state)).toBe(42);
});

test("drain waits for a message that is on its way", async () => {
  const path = join(directory, "s");
  await using notifications = await listenForNotifications(path);
  const socket = connect({ path, allowHalfOpen: true });
  await once(socket, "connect");
  const sent = sendBy(socket, "EXIT_STATUS=7\n");
  // The other end of the connection is ours, too: it is accepted in a next round.
  for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve));
  await notifications.drain();
  expect(guestExitStatus(notifications.state)).toBe(7);
  await sent;
});

test("lines that are none are passed over, values may hold an equals sign", () => {
  expect(parseNotification("A=1\n\nnonsense\n=x\nB=c=d")).toEqual([
    ["A", "1"],
    ["B", "c=d"],
  ]);
  expect(guestExitStatus(new Map([["EXIT_STATUS", "what"]]))).toBe(1);
});
