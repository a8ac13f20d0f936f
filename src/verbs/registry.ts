// Finds a verb by its name and loads only that one.

import { Failure } from "../report/failure.ts";
import type { Verb } from "./verb.ts";

const LOADERS: Readonly<Record<string, () => Promise<{ readonly verb: Verb }>>> = {
  boot: () => import("./boot.ts"),
  box: () => import("./box.ts"),
  build: () => import("./build.ts"),
  bump: () => import("./bump.ts"),
  burn: () => import("./burn.ts"),
  cache: () => import("./cache.ts"),
  "cat-config": () => import("./cat-config.ts"),
  check: () => import("./check.ts"),
  clean: () => import("./clean.ts"),
  completion: () => import("./completion.ts"),
  coredumpctl: () => import("./coredumpctl.ts"),
  debug: () => import("./debug.ts"),
  dependencies: () => import("./dependencies.ts"),
  diff: () => import("./diff.ts"),
  documentation: () => import("./documentation.ts"),
  doctor: () => import("./doctor.ts"),
  explain: () => import("./explain.ts"),
  fmt: () => import("./fmt.ts"),
  genkey: () => import("./genkey.ts"),
  help: () => import("./help.ts"),
  init: () => import("./init.ts"),
  inspect: () => import("./inspect.ts"),
  journalctl: () => import("./journalctl.ts"),
  "latest-snapshot": () => import("./latest-snapshot.ts"),
  lsp: () => import("./lsp.ts"),
  matrix: () => import("./matrix.ts"),
  migrate: () => import("./migrate.ts"),
  serve: () => import("./serve.ts"),
  shell: () => import("./shell.ts"),
  ssh: () => import("./ssh.ts"),
  summary: () => import("./summary.ts"),
  sysupdate: () => import("./sysupdate.ts"),
  test: () => import("./test.ts"),
  version: () => import("./version.ts"),
  vm: () => import("./vm.ts"),
  why: () => import("./why.ts"),
};

/** Whether this version has the verb. */
export function hasVerb(name: string): boolean {
  return Object.hasOwn(LOADERS, name);
}

/** @throws {Failure} when this version does not have the verb */
export async function loadVerb(name: string): Promise<Verb> {
  const load = Object.hasOwn(LOADERS, name) ? LOADERS[name] : undefined;
  if (load === undefined) {
    throw new Failure(`this version does not have the verb ${name} yet`, {
      remedy: `It has ${Object.keys(LOADERS)
        .filter((verb) => verb !== "version")
        .join(", ")}.`,
    });
  }
  return (await load()).verb;
}
