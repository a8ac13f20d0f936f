// Unix sockets, also where the path is longer than the 107 bytes that an address has room for.

import { closeSync, constants, openSync } from "node:fs";
import { connect, type Server, type Socket } from "node:net";
import { basename, dirname } from "node:path";

const ADDRESS_MAX = 107;

/** Makes a server listen on the socket `path`. Its programs in sandboxes see the socket at a short path of their own. */
export async function listenAt(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) <= ADDRESS_MAX) {
    await listening(server, path);
    return;
  }
  // Through an open directory the address is short. It stays open: the server removes the socket by the same address.
  const directory = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  server.once("close", () => closeSync(directory));
  await listening(server, `/proc/self/fd/${directory}/${basename(path)}`);
}

async function listening(server: Server, address: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(address, resolve);
  });
}

/** Connects to the socket `path`; errors are the socket's. */
export function connectTo(path: string): Socket {
  if (Buffer.byteLength(path) <= ADDRESS_MAX) return connect(path);
  const directory = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  return connect(`/proc/self/fd/${directory}/${basename(path)}`).once("close", () => closeSync(directory));
}
