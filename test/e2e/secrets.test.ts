// Secrets of a configuration come neither into logs, events, manifests, the cache with its keys, nor command lines, which
// everybody on the machine can read.

import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
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
ManifestFormat=json
[Content]
RootPassword=${SECRETS.password}
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
    passphrase: { text: `${SECRETS.passphrase}\n`, mode: 0o600 } as never,
    "mkosi.images/second/mkosi.conf": "[Output]\nFormat=directory\n",
    "mkosi.images/second/mkosi.rootpw": { text: `${SECRETS.rootpw}\n`, mode: 0o600 } as never,
  });
  for (const name of ["mkosi", "proxy"])
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=t", "-keyout", `${name}.key`, "-out", `${name}.crt`],
      { cwd, stdio: "ignore" },
    );
  const keys = ["mkosi.key", "proxy.key"].map((name) => readFileSync(join(cwd, name), "utf8").split("\n")[5] ?? "");
  const secrets = [...Object.values(SECRETS), ...keys];
  expect(secrets.every((secret) => secret.length > 10)).toBe(true);

  const cache = join(cwd, "home");
  const execs = join(cwd, "execs");
  const traced = ["strace", "--follow-forks", "--trace=execve", "--string-limit=65536", "--quiet=all", `--output=${execs}`];
  const tree = spawnSync("sh", ["-c", "ls -d /var/cache/mkosi/tools/*/mkosi.tools/usr/bin/systemd-repart | tail -n 1"], {
    encoding: "utf8",
  }).stdout.trim();
  const options = ["--json", "-f", `--tools-tree=${tree.slice(0, -"/usr/bin/systemd-repart".length)}`];
  const built = await run([...traced, process.execPath, join(CHECKOUT, "bin/mkosi"), ...options], {
    cwd,
    env: { XDG_CACHE_HOME: cache },
  });
  expect(built.stdout).not.toContain('"failure"');
  expect(built.status).toBe(0);
  // the work was done, with the secrets
  const [, hash = ""] = /^root:([^:]+):/.exec(readFileSync(join(cwd, "image/etc/shadow"), "utf8")) ?? [];
  expect(hash).toMatch(/^\$/);
  expect(readFileSync(execs, "utf8")).toContain('"/work/postinst"');

  const files = [...filesBelow(join(cwd, "cache")), ...filesBelow(cache), ...filesBelow(join(cwd, "second"))].filter(
    (path) => !path.includes("/upper/") && !path.includes("/second/"),
  );
  const names = files.map((path) => path.slice(cwd.length));
  expect(names.some((name) => name.startsWith("/home/mkosi/logs/"))).toBe(true);
  expect(names.some((name) => name.startsWith("/cache/traces/"))).toBe(true);
  const texts = new Map(files.map((path) => [path.slice(cwd.length), readFileSync(path, "latin1")]));
  texts.set("manifest", readFileSync(join(cwd, "image.manifest"), "utf8"));
  texts.set("events", built.stdout + built.stderr);
  texts.set("command lines", withoutEnvironment(readFileSync(execs, "utf8")));
  for (const [name, text] of texts)
    for (const secret of [...secrets, hash]) expect.soft(text.includes(secret), `${secret} in ${name}`).toBe(false);
});

/** What strace prints of an environment is an address. */
function withoutEnvironment(trace: string): string {
  return trace;
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}
