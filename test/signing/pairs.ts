// Keys and certificates for tests, by openssl.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
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

/** Makes NAME.crt, a certificate of the key that was valid in the year 2020. @returns its path */
export function makeExpired(directory: string, name: string, key: string): string {
  return makeValid(directory, name, { key, from: "2020", until: "2021" });
}

/** The same for one that is valid from the year 2090 on. */
export function makeEarly(directory: string, name: string, key: string): string {
  return makeValid(directory, name, { key, from: "2090", until: "2091" });
}

function makeValid(
  directory: string,
  name: string,
  { key, from, until }: Readonly<Record<"key" | "from" | "until", string>>,
): string {
  const certificate = join(directory, `${name}.crt`);
  const config = join(directory, "ca.conf");
  const database = join(directory, "index");
  writeFileSync(database, "");
  writeFileSync(
    config,
    `[req]\ndistinguished_name=n\n[n]\n[ca]\ndefault_ca=c\n[c]\npolicy=p\ndefault_md=sha256\ndatabase=${database}\nrand_serial=yes\n[p]\ncommonName=supplied\n`,
  );
  const run = (...argv: string[]) => execFileSync("openssl", argv, { cwd: directory, stdio: "pipe" });
  const common = ["-config", config, "-batch", "-notext", "-outdir", directory];
  const dates = ["-startdate", `${from}0101000000Z`, "-enddate", `${until}0101000000Z`];
  run("req", "-new", "-key", key, "-subj", "/CN=old/", "-config", config, "-out", "old.csr");
  run("ca", ...common, "-selfsign", "-keyfile", key, ...dates, "-in", "old.csr", "-out", certificate);
  return certificate;
}
