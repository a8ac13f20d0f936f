// Proxies that are spoken to over TLS and may ask for a client's certificate, with throw-away authorities of their own.

import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createSecureServer } from "node:tls";
import { runTool, type Tools } from "./run-tool.ts";

export interface ProxyCertificates {
  /** PEM files: the authority of the proxy; the client's certificate and its key, in files of their own and in one. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly both: string;
  readonly directory: string;
}

/** Makes an authority, a certificate of the proxy and one of a client in a directory. */
export async function makeProxyCertificates(tools: Pick<Tools, "tree">, place: string): Promise<ProxyCertificates> {
  const script = `
    set -e
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Proxy authority" -keyout ca.key -out authority.pem
    for name in proxy client; do
      openssl req -newkey rsa:2048 -nodes -subj "/CN=$name" -keyout $name.key -out $name.csr
      printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\nbasicConstraints=CA:FALSE\\n' >extensions
      openssl x509 -req -in $name.csr -CA authority.pem -CAkey ca.key -CAcreateserial -days 30 -extfile extensions -out $name.pem
    done
    cat client.pem client.key >both.pem
    chmod 600 client.pem client.key both.pem`;
  await runTool(tools, ["sh", "-c", script], { see: [place] });
  const path = (name: string) => join(place, name);
  return {
    authority: path("authority.pem"),
    certificate: path("client.pem"),
    key: path("client.key"),
    both: path("both.pem"),
    directory: place,
  };
}

export interface SecureProxy extends AsyncDisposable {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** Whose certificates were shown, one for each connection; empty for none. */
  readonly clients: readonly string[];
}

/** Another proxy on this machine, over TLS. @param asks whether clients without a certificate are refused */
export async function secureProxy(
  { directory, authority }: ProxyCertificates,
  behind: string,
  asks: boolean,
): Promise<SecureProxy> {
  const [cert, key, ca] = [join(directory, "proxy.pem"), join(directory, "proxy.key"), authority].map((path) =>
    readFileSync(path),
  );
  const clients: string[] = [];
  const sockets = new Set<Socket>();
  const server = createSecureServer({ cert, key, ca, requestCert: asks, rejectUnauthorized: asks }, (client) => {
    clients.push(asks ? String(client.getPeerCertificate().subject?.CN ?? "") : "");
    const next = connect(Number(new URL(behind).port), "127.0.0.1");
    for (const socket of [client, next]) {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    }
    client.pipe(next).pipe(client);
    client.on("close", () => next.destroy());
    next.on("close", () => client.destroy());
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clients,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A proxy that asks the real servers. */
export async function plainProxy(): Promise<
  AsyncDisposable & { readonly url: string; readonly asked: readonly string[] }
> {
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    asked.push(incoming.url ?? "");
    const { method, headers } = incoming;
    const outgoing = request(incoming.url ?? "", { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}
