// Keys and certificates for tests, by openssl.

import { execFileSync } from "node:child_process";
import { join } from "node:path";

export interface PairFiles {
  readonly key: string;
  readonly certificate: string;
}

/** Makes NAME.key and NAME.crt in a directory. @param options further ones of openssl-req(1) */
export function makePair(directory: string, name: string, options: readonly string[] = []): PairFiles {
  const [key, certificate] = [join(directory, `${name}.key`), join(directory, `${name}.crt`)];
  const files = ["-keyout", key, "-out", certificate, "-subj", `/CN=${name}/`];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...files, ...options], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  return { key, certificate };
}
