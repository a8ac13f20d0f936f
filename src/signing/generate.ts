// A new private key with a certificate that it has signed itself, by openssl-req(1): RSA with 2048 bits, as firmware, the
// kernel and TPMs all know it.

import { mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import { bind, type Runner, type Toolbox } from "../sandbox/spec.ts";

const BITS = 2048;
/** Of a common name, by RFC 5280. */
const LONGEST = 64;

export interface NewPair {
  /** Both in PEM. */
  readonly key: string;
  readonly certificate: string;
}

export interface PairWishes {
  /** The name of subject and issuer. */
  readonly commonName: string;
  /** For how long it is valid. */
  readonly days: number;
}

/**
 * Makes a pair.
 * @param directory where files may be put for a moment, which nobody else can read
 * @throws {Failure} for a name that no certificate can have; {CommandFailure}
 */
export async function generatePair(
  { runner, toolbox, directory }: { readonly runner: Runner; readonly toolbox: Toolbox; readonly directory: string },
  { commonName, days }: PairWishes,
): Promise<NewPair> {
  if (commonName === "" || commonName.length > LONGEST) {
    throw new Failure(`a certificate's name has between 1 and ${LONGEST} characters`, {
      origin: { kind: "option", option: "--genkey-common-name" },
      remedy: "Write another one.",
    });
  }
  const place = await mkdtemp(join(directory, "key-"));
  await runner.run({
    argv: [
      ...["openssl", "req", "-new", "-x509", "-newkey", `rsa:${BITS}`, "-nodes", "-utf8", "-days", String(days)],
      ...["-subj", `/CN=${commonName.replace(/[/\\+]/g, "\\$&")}/`],
      ...["-keyout", "/work/key", "-out", "/work/certificate"],
    ],
    base: { kind: "tools", toolbox },
    mounts: [bind(place, "/work")],
    // Whatever a distribution has configured for its certificate authorities.
    env: { OPENSSL_CONF: "/dev/null" },
  });
  const [key, certificate] = await Promise.all(
    ["key", "certificate"].map((name) => readFile(join(place, name), "utf8")),
  );
  return { key: key ?? "", certificate: certificate ?? "" };
}
