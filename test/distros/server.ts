// Serves the mirror on loopback: files by path, and as a proxy the servers of `hosts.ts`, also by HTTPS with a certificate
// of the test authority. Answers ranges, HEAD and If-Modified-Since; writes down requests; fails as it is told to.

import { readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { connect } from "node:net";
import { join, normalize } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Fault, Faults } from "./faults.ts";
import { placeOf } from "./hosts.ts";
import { mirrorList } from "./lists.ts";

export interface Request {
  readonly method: string;
  /** The whole URL as the client sees it. */
  readonly url: string;
  /** Path in the mirror, with the query; of hosts that the mirror does not know, that of the URL. */
  readonly path: string;
  readonly range: string | undefined;
  readonly agent: string;
  status: number;
}

export class MirrorServer implements AsyncDisposable {
  readonly #root: string;
  readonly #requests: Request[] = [];
  readonly #faults = new Faults();
  readonly #sockets = new Set<Socket>();
  readonly #plain: Server;
  readonly #secure: Server;

  /** @param certificates directory with `server.pem` and `server.key` */
  constructor(root: string, certificates: string) {
    this.#root = root;
    const answer = (secure: boolean) => (request: IncomingMessage, response: ServerResponse) => {
      this.#answer(request, response, secure).catch(() => response.destroy());
    };
    const plain = createServer(answer(false));
    plain.on("connect", (_, client: Socket) => this.#tunnel(client));
    const [cert, key] = ["server.pem", "server.key"].map((name) => readFileSync(join(certificates, name)));
    this.#secure = createSecureServer({ cert, key }, answer(true));
    this.#plain = plain;
    for (const server of [this.#plain, this.#secure]) {
      server.on("connection", (socket: Socket) => {
        this.#sockets.add(socket);
        socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket));
      });
    }
  }

  async start(): Promise<this> {
    for (const server of [this.#plain, this.#secure]) {
      await new Promise<void>((done, fail) => server.once("error", fail).listen(0, "127.0.0.1", done));
    }
    return this;
  }

  /** `http://127.0.0.1:PORT`. */
  get origin(): string {
    return `http://127.0.0.1:${(this.#plain.address() as AddressInfo).port}`;
  }

  /** Requests so far, or those since the last forget(). */
  requests(): readonly Request[] {
    return [...this.#requests];
  }

  forget(): void {
    this.#requests.length = 0;
  }

  /** From now on these happen, and no others. */
  faults(...faults: readonly Fault[]): void {
    this.#faults.set(faults);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = [this.#plain, this.#secure].map((server) => new Promise((done) => server.close(done)));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  /** Whatever server a client wants to reach by HTTPS, it gets ours. */
  #tunnel(client: Socket): void {
    const server = connect((this.#secure.address() as AddressInfo).port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      server.pipe(client).pipe(server);
    });
    server.on("error", () => client.destroy());
    client.on("error", () => server.destroy());
  }

  async #answer(request: IncomingMessage, response: ServerResponse, isSecure: boolean): Promise<void> {
    const { method = "GET", url: target = "/", headers } = request;
    const host = headers.host ?? "";
    const url = new URL(target, `${isSecure ? "https" : "http"}://${host}`);
    const isDirect = `http://${url.host}` === this.origin;
    const asked = decodeURIComponent(url.pathname);
    const place = isDirect ? asked : placeOf(url.hostname, asked);
    const path = `${place?.startsWith("=") === false ? place : asked}${url.search}`;
    const entry: Request = {
      method,
      url: url.href,
      path,
      range: headers.range,
      agent: headers["user-agent"] ?? "",
      status: 0,
    };
    this.#requests.push(entry);
    response.on("close", () => (entry.status ||= response.statusCode));

    let fault = this.#faults.take(path, url.href);
    if (typeof fault === "object" && "delay" in fault) {
      await sleep(fault.delay * 1000);
      fault = undefined;
    }
    if (typeof fault === "object" && "status" in fault) return end(response, fault.status);
    if (typeof fault === "object" && "text" in fault)
      return send(request, response, { body: Buffer.from(fault.text), modified: 0 }, undefined);
    const file = typeof fault === "object" && "path" in fault ? fault.path : place;
    if (file === undefined) return end(response, 404);
    const content = this.#content(file, url, isDirect);
    if (content === undefined) return end(response, 404);
    const since = Date.parse(headers["if-modified-since"] ?? "");
    if (since >= content.modified)
      return end(response, 304, { "last-modified": new Date(content.modified).toUTCString() });
    send(request, response, content, fault === "truncated" || fault === "corrupted" ? fault : undefined);
  }

  #content(place: string, url: URL, isDirect: boolean): Content | undefined {
    if (place === "=key") return this.#content("/keys/public.asc", url, isDirect);
    if (place === "=metalink" || place === "=mirrorlist") {
      const mirrors = isDirect ? [this.origin] : ["http://mirror-a.example.invalid", "http://mirror-b.example.invalid"];
      const text = mirrorList(this.#root, place.slice(1) as "metalink" | "mirrorlist", url, mirrors);
      return text === undefined ? undefined : { body: Buffer.from(text), modified: 0 };
    }
    const path = join(this.#root, normalize(`/${place}`));
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() !== true) return undefined;
    // HTTP knows whole seconds.
    return { body: readFileSync(path), modified: Math.floor(stats.mtimeMs / 1000) * 1000 };
  }
}

interface Content {
  readonly body: Buffer;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

function end(response: ServerResponse, status: number, headers = {}): void {
  response.writeHead(status, { "content-length": 0, ...headers });
  response.end();
}

function send(
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  { body, modified }: Content,
  fault: "truncated" | "corrupted" | undefined,
): void {
  const common = {
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
    etag: `"${body.length}-${modified}"`,
    "last-modified": new Date(modified).toUTCString(),
  };
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
  const start = from === undefined ? 0 : Number(from);
  const stop = to === undefined || to === "" ? body.length : Math.min(Number(to) + 1, body.length);
  if (from !== undefined && start >= body.length) {
    return end(response, 416, { ...common, "content-range": `bytes */${body.length}` });
  }
  let part = body.subarray(start, stop);
  if (fault === "corrupted" && part.length > 0) {
    part = Buffer.from(part);
    part[part.length >> 1] = (part[part.length >> 1] ?? 0) ^ 0xff;
  }
  const range = from === undefined ? {} : { "content-range": `bytes ${start}-${stop - 1}/${body.length}` };
  response.writeHead(from === undefined ? 200 : 206, { ...common, ...range, "content-length": part.length });
  if (method === "HEAD") response.end();
  else if (fault === "truncated") response.write(part.subarray(0, part.length >> 1), () => response.destroy());
  else response.end(part);
}
