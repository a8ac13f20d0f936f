// The web server of `serve`, asked by a real client: parts of files, checksums, lists, and whatever is nobody's business.

import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { directoryServer } from "../../src/outputs/serve.ts";
import { makeProject, type Tree } from "../support/project.ts";

const IMAGE = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

interface Served {
  readonly directory: string;
  readonly port: number;
  readonly log: readonly string[];
  get(path: string, headers?: Record<string, string>, method?: string): Promise<Answer>;
}

async function serve(tree: Tree, isOffered: (name: string) => boolean = () => true): Promise<Served> {
  const outer = makeProject({ secret: "secret", output: tree, "output-secret": { file: "secret" } });
  const directory = join(outer, "output");
  const log: string[] = [];
  const server = directoryServer({ path: directory, isOffered }, (line) => log.push(line));
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const get = async (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> => {
    const sent = request({ port, host: "127.0.0.1", path, headers, method }).end();
    const [response] = await once(sent, "response");
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
  };
  return { directory, port, log, get };
}

test("files come as a whole and in parts, and are not sent again when the client has them", async () => {
  const { get, log } = await serve({ "image.raw": IMAGE });
  const whole = await get("/image.raw");
  expect([whole.status, whole.body, whole.headers["content-length"]]).toEqual([200, IMAGE, "1000"]);
  const part = async (range: string) => {
    const { status, body, headers } = await get("/image.raw", { Range: range });
    return [status, headers["content-range"], status === 206 ? body : body.length];
  };
  expect(await part("bytes=0-0")).toEqual([206, "bytes 0-0/1000", IMAGE.subarray(0, 1)]);
  expect(await part("bytes=990-")).toEqual([206, "bytes 990-999/1000", IMAGE.subarray(990)]);
  expect(await part("bytes=-7")).toEqual([206, "bytes 993-999/1000", IMAGE.subarray(993)]);
  expect((await part("bytes=1000-")).slice(0, 2)).toEqual([416, "bytes */1000"]);
  const head = await get("/image.raw", {}, "HEAD");
  expect([head.status, head.body.length, head.headers["content-length"]]).toEqual([200, 0, "1000"]);
  expect((await get("/image.raw", { "If-None-Match": String(whole.headers["etag"]) })).status).toBe(304);
  expect(log).toContain("GET /image.raw 206");
});

test("links within the directory are followed, those that lead out of it are not there", async () => {
  const { directory, get } = await serve({ "image.raw": IMAGE, tree: { etc: { name: "inside" } } });
  symlinkSync("image.raw", join(directory, "image"));
  symlinkSync("../../../secret", join(directory, "tree/etc/out"));
  symlinkSync("/etc", join(directory, "absolute"));
  symlinkSync("../output-secret", join(directory, "sibling"));
  expect((await get("/image")).body).toEqual(IMAGE);
  expect((await get("/tree/etc/name")).body.toString()).toBe("inside");
  for (const path of ["/tree/etc/out", "/absolute/passwd", "/absolute/", "/sibling/file", "/sibling"])
    expect([path, (await get(path)).status]).toEqual([path, 404]);
});

test("no way of writing a path leads out of the directory", async () => {
  const { directory, port, get } = await serve({ "image.raw": IMAGE, sub: {} });
  const paths = [
    ...["/../secret", "/%2e%2e/secret", "/..%2fsecret", "/sub/..%2f..%2fsecret", "/sub/%2e%2e%2f%2e%2e%2fsecret"],
    ...["/..%5csecret", `/${encodeURIComponent(join(directory, "../secret"))}`, `/${join(directory, "../secret")}`],
    ...["//secret", "/%252e%252e/secret", "/..%2foutput-secret/file", "/.%2e/.%2e/etc/passwd"],
  ];
  for (const path of paths) {
    const { status, body } = await get(path);
    expect([path, status, body.toString()]).toEqual([
      path,
      expect.toSatisfy((code) => code >= 400),
      expect.not.stringContaining("secret\n"),
    ]);
  }
  for (const path of ["/%", "/%ff", "/%00", "/image.raw%00"])
    expect([path, (await get(path)).status]).toEqual([path, 400]);
  // What a client would tidy up by itself.
  const socket = connect(port, "127.0.0.1");
  socket.write("GET /../secret HTTP/1.0\r\n\r\n");
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.\d 404/);
});

test("hidden files and what is not offered are not there, nor in the list", async () => {
  const { directory, get } = await serve(
    { "image.raw": IMAGE, "mkosi.key": "key", ".staging": { file: "x" }, image: { ".hidden": "x", "a<b>&\"c'": "x" } },
    (name) => name.startsWith("image"),
  );
  symlinkSync("mkosi.key", join(directory, "image.link"));
  for (const path of ["/mkosi.key", "/.staging/file", "/.staging/", "/image/.hidden", "/image.link"])
    expect([path, (await get(path)).status]).toEqual([path, 404]);
  const { body, headers } = await get("/");
  expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(body.toString()).toContain('<a href="./image.raw">image.raw</a>');
  expect(body.toString()).not.toMatch(/key|staging/);
  const moved = await get("/image");
  expect([moved.status, moved.headers["location"]]).toEqual([301, "/image/"]);
  const inner = (await get("/image/")).body.toString();
  expect(inner).toContain(`<a href="./a%3Cb%3E%26%22c'">a&lt;b>&amp;&quot;c'</a>`);
  expect(inner).not.toContain("hidden");
  expect((await get("/image/a%3Cb%3E%26%22c'")).body.toString()).toBe("x");
});

test("the checksums of all images are under one name, and a signature where it is about one list", async () => {
  const { directory, get } = await serve({ "a.SHA256SUMS": "1 *a.raw\n", "a.SHA256SUMS.gpg": "signature" });
  expect((await get("/SHA256SUMS")).body.toString()).toBe("1 *a.raw\n");
  expect((await get("/SHA256SUMS.gpg")).body.toString()).toBe("signature");
  writeFileSync(join(directory, "b.SHA256SUMS"), "2 *b.raw\n");
  expect((await get("/SHA256SUMS")).body.toString()).toBe("1 *a.raw\n2 *b.raw\n");
  expect((await get("/SHA256SUMS.gpg")).status).toBe(404);
  writeFileSync(join(directory, "SHA256SUMS"), "3 *c.raw\n");
  expect((await get("/SHA256SUMS")).body.toString()).toBe("3 *c.raw\n");
});

test("only what is read is answered, and a file that is none is not", async () => {
  const { directory, get } = await serve({ "image.raw": IMAGE });
  const put = await get("/image.raw", {}, "PUT");
  expect([put.status, put.headers["allow"]]).toEqual([405, "GET, HEAD"]);
  expect(readFileSync(join(directory, "image.raw"))).toEqual(IMAGE);
  mkdirSync(join(directory, "empty"));
  for (const path of ["/missing", "/image.raw/", "/empty/missing"])
    expect([path, (await get(path)).status]).toEqual([path, 404]);
});
