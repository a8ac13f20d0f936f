// A throw-away certificate authority and a certificate for the distributions' servers: through the mirror's proxy, builds
// ask for the real URLs and get what the mirror has.

import { mkdirSync } from "node:fs";
import { HOSTS } from "./hosts.ts";
import { runTool, type Tools } from "./run-tool.ts";

/** Makes `authority.pem`, `server.pem` and `server.key` in `place`. */
export async function makeCertificates(tools: Pick<Tools, "tree">, place: string): Promise<void> {
  mkdirSync(place, { recursive: true });
  const names = Object.keys(HOSTS).map((host) => `DNS:${host}`);
  const script = `
    set -e
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=Test authority" -keyout authority.key -out authority.pem
    openssl req -newkey rsa:2048 -nodes -subj "/CN=mirror" -keyout server.key -out server.csr
    printf 'subjectAltName=%s\\nbasicConstraints=CA:FALSE\\n' "$1" >extensions
    openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 3650 \\
      -extfile extensions -out server.pem
    rm authority.key server.csr extensions *.srl`;
  await runTool(tools, ["sh", "-c", script, "sh", names.join(",")], { see: [place] });
}
