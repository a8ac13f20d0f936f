// `mkosi doctor`: what this machine allows, and what to do for more.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingTools } from "../build/requirements.ts";
import { storeDirectory } from "../build/workshop.ts";
import { ConfigurationFailure } from "../config/diagnostics.ts";
import { mainImage, outputDirectoryOf, type Project } from "../config/project.ts";
import { DISTRIBUTIONS, type PackageManagerName } from "../facts/distributions.ts";
import { installCommand } from "../facts/host-packages.ts";
import { ExitStatus } from "../report/failure.ts";
import { outputStyle, print } from "../report/print.ts";
import { visible } from "../report/visible.ts";
import { findProgram } from "../sandbox/find-program.ts";
import { createRunner } from "../sandbox/spawn.ts";
import { detectHost } from "../settings/host.ts";
import { type Finding, modeFindings, placeFinding, programFindings, runtimeFindings } from "./doctor-machine.ts";
import { cacheDirectory } from "./session.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run({ args, project }) {
    const { distribution } = detectHost();
    const manager = distribution === undefined ? undefined : DISTRIBUTIONS[distribution].packageManager;
    const loaded = await project().catch((error: unknown) => {
      if (!(error instanceof ConfigurationFailure)) throw error;
      return undefined;
    });
    const findings = [
      ...(await modeFindings()),
      ...programFindings(manager),
      ...(loaded === undefined ? [UNREADABLE] : await projectFindings(loaded, manager)),
      ...(await runtimeFindings()),
    ];
    print(args.json ? JSON.stringify(findings, undefined, 4) : text(findings));
    if (findings.some(({ level }) => level === "error")) throw new ExitStatus(1);
  },
};

const UNREADABLE: Finding = {
  topic: "project",
  level: "warning",
  text: "the configuration here has errors, so that nobody can say what it needs",
  remedy: "mkosi check tells them",
};

/** What the project needs of the machine. */
async function projectFindings(project: Project, manager: PackageManagerName | undefined): Promise<readonly Finding[]> {
  const { config } = mainImage(project);
  const cache = cacheDirectory();
  return [
    ...(findProgram("bwrap") === undefined ? [] : [await toolsFinding(project, manager)]),
    await placeFinding("WorkspaceDirectory=", config.workspaceDirectory ?? "/var/tmp", true),
    await placeFinding("CacheDirectory=", storeDirectory(project, cache), true),
    await placeFinding("PackageCacheDirectory=", config.packageCacheDirectory ?? cache, false),
    await placeFinding("OutputDirectory=", outputDirectoryOf(project, mainImage(project)), false),
  ];
}

/** Which programs of the build come from where. */
async function toolsFinding(project: Project, manager: PackageManagerName | undefined): Promise<Finding> {
  const topic = "tools";
  const main = mainImage(project);
  const { toolsTree, extraSearchPaths } = main.config;
  if (toolsTree !== null) return { topic, level: "ok", text: `programs come from the tools tree (${toolsTree})` };
  const directory = await mkdtemp(join(tmpdir(), "mkosi-doctor-"));
  try {
    const runner = createRunner({ directory, log: () => {} });
    const missing = await missingTools(project.images, { kind: "host", searchPaths: extraSearchPaths }, runner);
    if (missing.length === 0)
      return { topic, level: "ok", text: "this machine has all programs that the project needs" };
    // One that is too old is not to be had by installing it.
    const programs = missing.filter((name) => !name.includes(" newer")).map((name) => name.split(" ", 1)[0] ?? name);
    const install = programs.length === 0 ? "use a newer release of this system" : installCommand(programs, manager);
    const remedy = `${install}   (mkosi dependencies lists the packages of a whole tools tree)`;
    const lack = `this machine lacks ${missing.join(", ")}`;
    return main.origin("toolsTree") === undefined
      ? { topic, level: "note", text: `${lack}: the default tools tree is used, and built by the first build`, remedy }
      : { topic, level: "error", text: lack, remedy: `${remedy}, or set ToolsTree=default` };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const SIGNS = { ok: "✓", note: "•", warning: "!", error: "✗" } as const;
const MEANINGS = { ok: "done", note: "label", warning: "warning", error: "error" } as const;

function text(findings: readonly Finding[]): string {
  const style = outputStyle();
  const width = Math.max(...findings.map(({ topic }) => topic.length));
  const lines = findings.flatMap(({ topic, level, text: what, remedy }) => [
    `${style(MEANINGS[level], SIGNS[level])} ${style("strong", topic.padEnd(width))}  ${visible(what)}`,
    ...(remedy === undefined ? [] : [`${" ".repeat(width + 4)}${style("label", "help:")} ${visible(remedy)}`]),
  ]);
  const errors = findings.filter(({ level }) => level === "error").length;
  return [
    ...lines,
    "",
    errors === 0 ? "Images can be built on this machine." : "Images cannot be built as it is.",
  ].join("\n");
}
