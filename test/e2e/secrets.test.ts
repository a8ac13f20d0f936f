// Secrets of a configuration come neither into logs, events, the cache with its keys, nor command lines, which
// everybody on the machine can read.

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CHECKOUT, run } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";

const SECRETS = {
  password: "root-secret-77",
  rootpw: "other-secret-78",
  passphrase: "disk-secret-79",
  proxy: "proxy-secret-80",
  credential: "credential-secret-81",
};

const CONF = `[Distribution]
Distribution=custom
[Output]
Format=directory
[Content]
RootPassword=${SECRETS.password}
SkeletonTrees=skeleton
PostInstallationScripts=post
[Build]
Incremental=yes
CacheDirectory=cache
ProxyUrl=http://user:${SECRETS.proxy}@127.0.0.1:9
ProxyClientKey=proxy.key
ProxyClientCertificate=proxy.crt
[Validation]
Passphrase=passphrase
SecureBoot=yes
SecureBootKey=mkosi.key
SecureBootCertificate=mkosi.crt
[Runtime]
Credentials=secret=${SECRETS.credential}
[Config]
Dependencies=second
`;

const strace = spawnSync("strace", ["--version"]).status === 0;

test.skipIf(process.getuid?.() !== 0 || !strace)("secrets stay where they were", async () => {
  const cwd = makeProject({
    "mkosi.conf": CONF,
    cache: {},
    post: '#!/bin/sh\nset -x; : "$http_proxy"\n',
    skeleton: { etc: { passwd: "root:x:0:0:root:/root:/bin/sh\n", shadow: "root:*:19000::::::\n" } },
    passphrase: `${SECRETS.passphrase}\n`,
    "mkosi.images/second/mkosi.conf": "[Output]\nFormat=directory\n",
    "mkosi.images/second/mkosi.rootpw": `${SECRETS.rootpw}\n`,
  });

  for (const name of ["mkosi", "proxy"])
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=t",
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.crt`,
      ],
      { cwd, stdio: "ignore" },
    );
  for (const name of ["passphrase", "mkosi.images/second/mkosi.rootpw", "proxy.crt"]) chmodSync(join(cwd, name), 0o600);
  const keys = ["mkosi.key", "proxy.key"].map((name) => readFileSync(join(cwd, name), "utf8").split("\n")[5] ?? "");
  const secrets = [...Object.values(SECRETS), ...keys];
  expect(secrets.every((secret) => secret.length > 10)).toBe(true);

  // not among the sources
  const elsewhere = makeProject();
  const cache = join(elsewhere, "home");
  const execs = join(elsewhere, "execs");
  const traced = [
    "strace",
    "--follow-forks",
    "--seccomp-bpf",
    "--trace=execve",
    "--string-limit=65536",
    "--quiet=all",
    `--output=${execs}`,
  ];
  const tree = spawnSync(
    "sh",
    ["-c", "ls -d /var/cache/mkosi/tools/*/mkosi.tools/usr/bin/systemd-repart | tail -n 1"],
    {
      encoding: "utf8",
    },
  ).stdout.trim();
  const options = ["--json", "-f", `--tools-tree=${tree.slice(0, -"/usr/bin/systemd-repart".length)}`];
  const built = await run([...traced, process.execPath, join(CHECKOUT, "bin/mkosi"), ...options], {
    cwd,
    env: { XDG_CACHE_HOME: cache },
  });
  expect([built.status, built.stdout.split("\n").at(-2)]).toEqual([0, expect.stringContaining("Done in")]);
  // the work was done, with the secrets
  const [, hash = ""] = /^root:([^:]+):/.exec(readFileSync(join(cwd, "image/etc/shadow"), "utf8")) ?? [];
  expect(hash).toMatch(/^\$/);
  expect(readFileSync(execs, "utf8")).toContain('"/work/postinst"');

  const files = [...filesBelow(join(cwd, "cache")), ...filesBelow(cache)].filter((path) => !path.includes("/upper/"));
  expect(files.some((path) => path.startsWith(`${cache}/mkosi/logs/`))).toBe(true);
  expect(files.some((path) => path.startsWith(`${cwd}/cache/traces/`))).toBe(true);
  const texts = new Map(files.map((path) => [path, readFileSync(path, "latin1")]));
  texts.set("events", built.stdout + built.stderr);
  texts.set("command lines", readFileSync(execs, "utf8"));
  for (const [name, text] of texts)
    for (const secret of [...secrets, hash]) expect.soft(text.includes(secret), `${secret} in ${name}`).toBe(false);
});

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}
