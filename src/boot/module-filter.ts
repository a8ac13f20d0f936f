// Which kernel modules and firmware files KernelModules=, KernelInitrdModules=, FirmwareFiles= and their older
// relatives choose, by name alone.

import { readFileSync } from "node:fs";
import { defaultInitrdModules } from "../facts/kernel-modules.ts";
import { compilePythonExpression } from "../formats/python-expression.ts";
import type { Config } from "../settings/index.ts";
import { compilePattern, type Pattern } from "../settings/types/glob.ts";

export interface ModuleFilter {
  /** Globs (`-` excludes) and `re:` expressions; empty: all modules. */
  readonly modules: readonly string[];
  /** `re:` expressions. */
  readonly modulesExclude: readonly string[];
  readonly firmware: readonly string[];
  readonly firmwareExclude: readonly string[];
}

const EXPRESSION = "re:";
const MODULE_SUFFIX = /\.ko(?:\.(?:gz|xz|zst))?$/;
const COMPRESSION_SUFFIX = /\.(?:gz|xz|zst)$/;

/** What stays of the modules in the image's own tree. */
export function imageModuleFilter(config: Config): ModuleFilter {
  const modules = expand(config.kernelModules, config.kernelModulesIncludeHost, config);
  return { modules, modulesExclude: config.kernelModulesExclude, ...firmwareFilter(config) };
}

/** What goes into the initrd with the kernel's modules. */
export function initrdModuleFilter(config: Config): ModuleFilter {
  const modules = expand(config.kernelInitrdModules, config.kernelModulesInitrdIncludeHost, config);
  return { modules, modulesExclude: config.kernelModulesInitrdExclude, ...firmwareFilter(config) };
}

/** Whether a filter says anything at all. */
export function isEmptyFilter(filter: ModuleFilter): boolean {
  return Object.values(filter).every((patterns: readonly string[]) => patterns.length === 0);
}

function firmwareFilter({ firmwareFiles, firmwareExclude }: Config) {
  return { firmware: firmwareFiles, firmwareExclude };
}

function expand(patterns: readonly string[], host: boolean, { architecture }: Config): readonly string[] {
  const all = [...(host ? ["host"] : []), ...patterns].flatMap((pattern) => {
    if (pattern === "default") return defaultInitrdModules(architecture);
    return pattern === "host" ? loadedModules() : [pattern];
  });
  return [...new Set(all)];
}

/** The modules that this machine's kernel has loaded. */
export function loadedModules(): string[] {
  const lines = readFileSync("/proc/modules", "utf8").trim().split("\n");
  return lines.map((line) => moduleName(line.split(" ")[0] ?? "")).filter((name) => name !== "");
}

/** A module's name with dashes: file names and module names disagree about underscores. */
export function moduleName(name: string): string {
  return name.replaceAll("_", "-");
}

/**
 * The modules that a filter chooses, without what they depend on.
 * @param paths relative to usr/lib/modules/VERSION
 */
export function chooseModules(paths: readonly string[], filter: ModuleFilter): string[] {
  const globs = compileGlobs(filter.modules.map((glob) => (isExpression(glob) ? glob : dashGlob(glob))));
  const included = compileExpressions(filter.modules);
  const excluded = compileExpressions(filter.modulesExclude);
  return paths.filter((path) => {
    // Expressions match below the kernel's own directory, as in the setting's older form.
    const below = path.slice(path.indexOf("/") + 1);
    const chosen = matchAny(included, below) || matchGlobs(globs, moduleName(path.replace(MODULE_SUFFIX, "")), false);
    if (excluded.length > 0) return chosen || !matchAny(excluded, below);
    return chosen || filter.modules.length === 0;
  });
}

/**
 * The firmware files that a filter leaves of those that modules need, and those that it adds.
 * @param needed paths relative to usr/lib/firmware
 * @param present all files there
 */
export function chooseFirmware(
  needed: ReadonlySet<string>,
  present: readonly string[],
  filter: ModuleFilter,
): string[] {
  const globs = compileGlobs(filter.firmware);
  const included = compileExpressions(filter.firmware);
  const excluded = compileExpressions(filter.firmwareExclude);
  return present.filter((path) => {
    const name = path.replace(COMPRESSION_SUFFIX, "");
    if (matchAny(included, path) || matchGlobs(globs, name, false)) return true;
    return needed.has(path) && !matchAny(excluded, path) && matchGlobs(globs, name, true);
  });
}

/** Whether patterns choose a file by its name or path: the last one that matches decides, `-` excludes. */
export function choosesFile(patterns: readonly string[], path: string): boolean {
  return matchGlobs(compileGlobs(patterns), path, false);
}

interface Glob {
  readonly excludes: boolean;
  /** Any of them, tried with the whole path (with a leading slash) or with its last part. */
  readonly whole: readonly Pattern[];
  readonly last: Pattern;
}

function compileGlobs(patterns: readonly string[]): Glob[] {
  const globs = patterns
    .filter((pattern) => !isExpression(pattern))
    .map((pattern) => {
      const excludes = pattern.startsWith("-");
      const bare = excludes ? pattern.slice(1) : pattern;
      const glob = bare.endsWith("/") ? `${bare}*` : bare;
      const whole = [
        ...(glob.startsWith("/") ? [`/kernel${glob}`, glob] : []),
        ...(glob.includes("/") ? [`*/${glob}`] : []),
      ];
      return { excludes, whole: whole.map(compilePattern), last: compilePattern(glob) };
    });
  // The last one that matches decides.
  return globs.toReversed();
}

function matchGlobs(globs: readonly Glob[], path: string, otherwise: boolean): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const match = globs.find(
    ({ whole, last }) => last.test(name) || whole.some((expression) => expression.test(`/${path}`)),
  );
  return match === undefined ? otherwise : !match.excludes;
}

/** Each by itself: joined, the numbers of their groups would change. */
function compileExpressions(patterns: readonly string[]): RegExp[] {
  return patterns.filter(isExpression).map((pattern) => compilePythonExpression(pattern.slice(EXPRESSION.length)));
}

function matchAny(expressions: readonly RegExp[], path: string): boolean {
  return expressions.some((expression) => expression.test(path));
}

function isExpression(pattern: string): boolean {
  return pattern.startsWith(EXPRESSION);
}

/** Underscores become dashes, but for those in brackets. */
function dashGlob(glob: string): string {
  return glob.replace(/\[[^\]]*\]?|_/g, (part) => (part === "_" ? "-" : part));
}
