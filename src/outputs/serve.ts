// Offers a directory of outputs over HTTP: files in parts (RFC 9110, section 14) and as a whole, lists of what is there,
// and the checksums of all images under the one name that programs look for. What is not below the directory, hidden, or
// no file is not there for anybody.

import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join, relative } from "node:path";
import send from "send";

export interface ServedDirectory {
  /** Absolute. */
  readonly path: string;
  /** Whether what has this name in the directory is offered; hidden files never are. */
  isOffered(name: string): boolean;
}

/** What systemd-sysupdate and importctl ask for; ours are named after each image. */
const CHECKSUMS = "SHA256SUMS";
const SIGNATURE = "SHA256SUMS.gpg";

/** A server that does not listen yet. @param log is told of each request that was answered: `GET /image.raw 206` */
export function directoryServer(directory: ServedDirectory, log: (line: string) => void): Server {
  return createServer((request, response) => {
    response.on("finish", () => log(`${request.method} ${request.url} ${response.statusCode}`));
    answer(directory, request, response).catch((error: unknown) => {
      log(String(error));
      fail(response, 500);
    });
  });
}

async function answer(directory: ServedDirectory, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    return fail(response, 405);
  }
  const path = pathOf(request);
  if (path === undefined) return fail(response, 400);
  const root = await realpath(directory.path);
  const found = await find({ ...directory, path: root }, path);
  if (found === undefined) {
    const sums = await checksums(directory, path);
    return sums === undefined ? fail(response, 404) : reply(response, 200, "text/plain; charset=utf-8", sums);
  }
  if (found.kind === "file") {
    send(request, encodePath(found.path), { root, index: false, cacheControl: false, dotfiles: "deny" })
      .on("error", ({ status }: { readonly status?: number }) => fail(response, status ?? 500))
      .pipe(response);
  } else if (path.endsWith("/"))
    reply(response, 200, "text/html; charset=utf-8", listing(path, await namesIn(directory, found.path)));
  else {
    response.setHeader("Location", `/${encodePath(found.path)}/`);
    fail(response, 301);
  }
}

/** The path that is asked for, with a slash at its beginning; undefined when it is none. */
function pathOf({ url = "/" }: IncomingMessage): string | undefined {
  try {
    const path = decodeURIComponent(new URL(url.startsWith("/") ? `http://localhost${url}` : url).pathname);
    return path.includes("\0") ? undefined : path;
  } catch {
    return undefined;
  }
}

interface Found {
  readonly kind: "file" | "directory";
  /** Relative to the directory, without links. */
  readonly path: string;
}

async function find(directory: ServedDirectory, path: string): Promise<Found | undefined> {
  if (!isVisible(directory, join("/", path).slice(1))) return undefined;
  // Links lead out of the directory where images are directories: only where they end counts.
  const real = await realpath(join(directory.path, path)).catch(() => undefined);
  if (real === undefined) return undefined;
  const inside = relative(directory.path, real);
  if (!isVisible(directory, inside)) return undefined;
  const status = await stat(real);
  if (status.isDirectory()) return { kind: "directory", path: inside };
  return status.isFile() && !path.endsWith("/") ? { kind: "file", path: inside } : undefined;
}

function isVisible({ isOffered }: ServedDirectory, path: string): boolean {
  const parts = path.split("/").filter((part) => part !== "");
  const [first] = parts;
  return parts.every((part) => !part.startsWith(".")) && (first === undefined || isOffered(first));
}

async function namesIn(directory: ServedDirectory, path: string): Promise<string[]> {
  const entries = await readdir(join(directory.path, path), { withFileTypes: true });
  return entries
    .filter(({ name }) => isVisible(directory, join(path, name)))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .toSorted();
}

/** The lists of all images as one; of a signature only the single one, as it is about one file. */
async function checksums(directory: ServedDirectory, path: string): Promise<Buffer | undefined> {
  if (path !== `/${CHECKSUMS}` && path !== `/${SIGNATURE}`) return undefined;
  const names = (await namesIn(directory, "")).filter((name) => name.endsWith(`.${CHECKSUMS}`));
  if (names.length === 0 || (path === `/${SIGNATURE}` && names.length > 1)) return undefined;
  const suffix = path === `/${SIGNATURE}` ? ".gpg" : "";
  const files = names.map((name) => readFile(join(directory.path, `${name}${suffix}`)));
  return await Promise.all(files).then(Buffer.concat, () => undefined);
}

function listing(path: string, names: readonly string[]): Buffer {
  const parent = path === "/" ? [] : ["../"];
  const lines = [...parent, ...names].map((name) => `<li><a href="./${encodePath(name)}">${escapeHtml(name)}</a></li>`);
  const title = escapeHtml(path);
  return Buffer.from(
    `<!DOCTYPE html>\n<meta charset="utf-8">\n<title>${title}</title>\n<h1>${title}</h1>\n<ul>\n${lines.join("\n")}\n</ul>\n`,
  );
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

function reply(response: ServerResponse, status: number, type: string, body: Buffer): void {
  response.writeHead(status, { "Content-Type": type, "Content-Length": body.length });
  response.end(body); // nothing is sent for HEAD
}

function fail(response: ServerResponse, status: number): void {
  if (response.headersSent) return void response.destroy();
  reply(response, status, "text/plain; charset=utf-8", Buffer.from(`${status}\n`));
}
